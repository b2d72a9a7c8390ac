// Package mail makes messages and hands them to a transport: a mail server, the console, a folder,
// or memory.
//
//	transport, err := mail.Open(os.Getenv("EMAIL_URL"))
//	if err != nil {
//		return err
//	}
//	mailer := &mail.Mailer{Transport: transport, DefaultFrom: "Polls <polls@example.org>"}
//	err = mailer.Send(ctx, &mail.Message{To: []string{"ada@example.org"}, Subject: "Welcome", Text: "Hello"})
//
// # Messages
//
// A [Message] is data. Nothing that a visitor typed can add a header to it: a line break or a NUL in
// any header, name, address or attachment name is refused with [ErrHeader], and every address is
// parsed and written anew. [JoinLines] makes one line of a subject that a template rendered. Bcc
// recipients get the message and are never in its bytes.
//
// # Transports
//
// [Open] makes a transport of a URL, which is what EMAIL_URL holds:
//
//	console:                          print messages to standard output
//	file:mails                        one .eml file for each message in the folder mails
//	memory:                           keep messages, for tests; see Memory
//	dummy:                            check messages and throw them away
//	smtp://user:password@host:587     a mail server; STARTTLS must succeed; port 587 unless given
//	smtps://user:password@host:465    a mail server that speaks TLS from the start; port 465 unless given
//	smtp://localhost:25?tls=none      a mail server without encryption; port 25 unless given
//
// Characters that mean something in a URL are percent-encoded: an @ in a user name or password is
// %40. The query parameters of smtp and smtps are:
//
//	timeout      time to open the connection, and then for each message ("30s"); 1m unless given
//	tls          none sends in clear text, which everyone on the way can read and change: for a
//	             relay on the same machine, or on a network that is yours alone
//	local_name   the name that is told to the server; [127.0.0.1] unless given
//
// Encryption never falls back to clear text: where it was asked for and is not to be had, sending
// fails with [ErrInsecure] before a password or a message leaves. User name and password travel
// encrypted or not at all, but for a server on the same machine.
//
// Other ways to send (a provider's HTTP interface, say) implement [Transport]; package mailtest has
// the tests for that.
//
// # After the response
//
// A [Queue] sends from the background, so that a page takes as long when there is somebody to write
// to as when there is not. It is a Transport itself, lives in memory, and is drained when the
// program ends:
//
//	queue := mail.NewQueue(transport, mail.QueueConfig{})
//	mailer := &mail.Mailer{Transport: queue}
//	app := core.App{Label: "mail", Start: queue.Start, Close: queue.Close}
//
// # What it does not do
//
// It signs nothing (DKIM is the mail server's work), keeps no queue on disk, does not try the
// recipients' own servers, and embeds no images into HTML.
package mail
