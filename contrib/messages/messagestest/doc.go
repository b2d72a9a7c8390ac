// Package messagestest tests what a site tells its visitors, and storages of messages.
//
//	b.Post(t, "/polls/1/close/", nil)
//	messagestest.Assert(t, messagestest.Waiting(t, s, b),
//		messages.Message{Level: messages.LevelSuccess, Text: "The poll is closed."})
package messagestest
