package mail_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-belleville/belleville/core/mail"
)

func ExampleMailer() {
	transport, err := mail.Open("console:") // os.Getenv("EMAIL_URL")
	if err != nil {
		fmt.Println(err)
		return
	}
	mailer := &mail.Mailer{Transport: transport, DefaultFrom: "Polls <polls@example.org>"}
	err = mailer.Send(context.Background(), &mail.Message{
		To:      []string{mail.Address("Lovelace, Ada", "ada@example.org")},
		Subject: "Your poll is closed",
		Text:    "42 people voted.",
	})
	fmt.Println(err)
	// Output:
	// From: "Polls" <polls@example.org>
	// To: "Lovelace, Ada" <ada@example.org>
	// Subject: Your poll is closed
	//
	// 42 people voted.
	// -------------------------------------------------------------------------------
	// <nil>
}

func ExampleMessage_Validate() {
	m := &mail.Message{From: "polls@example.org", To: []string{"ada@example.org"}, Subject: "Hello\nBcc: everyone@example.org"}
	err := m.Validate()
	fmt.Println(errors.Is(err, mail.ErrHeader), err)
	m.Subject = mail.JoinLines(m.Subject)
	fmt.Println(m.Validate(), m.Subject)
	// Output:
	// true mail: Subject has a line break: header refused
	// <nil> HelloBcc: everyone@example.org
}

func ExampleOpen() {
	_, err := mail.Open("smtp://polls:secret@mail.example.org?tls=none")
	fmt.Println(err)
	transport, err := mail.Open("smtp://polls:secret@mail.example.org")
	fmt.Println(transport, err)
	// Output:
	// mail: a password would travel unencrypted: use TLS, or leave user name and password out (connection not secure)
	// smtp://mail.example.org:587 <nil>
}

func ExampleMemory() {
	var outbox mail.Memory
	mailer := &mail.Mailer{Transport: &outbox}
	_ = mailer.Send(context.Background(), &mail.Message{To: []string{"ada@example.org"}, Subject: "Hello"})
	for _, m := range outbox.Outbox() {
		fmt.Println(m.From, m.To, m.Subject)
	}
	// Output: webmaster@localhost [ada@example.org] Hello
}

func ExampleQueue() {
	ctx := context.Background()
	queue := mail.NewQueue(&mail.Console{W: os.Stdout}, mail.QueueConfig{})
	mailer := &mail.Mailer{Transport: queue} // Send returns at once
	err := mailer.Send(ctx, &mail.Message{To: []string{"ada@example.org"}, Subject: "Hello", Text: "Sent in the background."})
	fmt.Println(err)

	_ = queue.Start(ctx)   // core.App.Start
	err = queue.Close(ctx) // core.App.Close: everything is sent by its end, or in the error
	if lost, ok := errors.AsType[*mail.LostError](err); ok {
		_, _ = mail.File{Dir: "unsent"}.Send(ctx, lost.Messages...)
	}
	fmt.Println(err)
	// Output:
	// <nil>
	// From: webmaster@localhost
	// To: ada@example.org
	// Subject: Hello
	//
	// Sent in the background.
	// -------------------------------------------------------------------------------
	// <nil>
}
