package mail

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"time"
)

// forms names the URLs that Open takes, for messages.
const forms = "console:, file:folder, memory:, dummy:, smtp://user:password@host:587 or smtps://user:password@host:465"

// Open returns the transport that emailURL names; the package comment describes the forms. It only
// reads the URL: whether the server is there shows at the first message. The error is a sentence
// that repeats nothing of the URL, because a password with an unencoded character may turn up in any
// part of it. What is returned is a *Console, File, *Memory, Discard or SMTP.
func Open(emailURL string) (Transport, error) {
	scheme, rest, found := strings.Cut(emailURL, ":")
	switch scheme = strings.ToLower(scheme); {
	case strings.TrimSpace(emailURL) == "":
		return nil, errors.New("mail: the e-mail URL is empty: write " + forms)
	case found && scheme == "file":
		return openFile(rest)
	case found && (scheme == "smtp" || scheme == "smtps"):
		return openSMTP(scheme, emailURL)
	}
	var t Transport
	switch {
	case found && scheme == "console":
		t = &Console{}
	case found && scheme == "memory":
		t = &Memory{}
	case found && scheme == "dummy":
		t = Discard{}
	default:
		return nil, errors.New("mail: the e-mail URL does not begin with a known kind of transport: write " + forms)
	}
	if strings.Trim(rest, "/") != "" {
		return nil, errors.New("mail: the e-mail URL goes on after " + scheme + ": which takes nothing: write " + scheme + ": alone")
	}
	return t, nil
}

func openFile(rest string) (Transport, error) {
	path, isURL := strings.CutPrefix(rest, "//")
	if isURL && !strings.HasPrefix(path, "/") {
		return nil, errors.New("mail: the e-mail URL names a host for the folder: write file:folder, or file:///folder for an absolute path")
	}
	if !isURL {
		path = rest
	}
	dir, err := url.PathUnescape(path)
	if err != nil || strings.ContainsAny(path, "?#") {
		return nil, errors.New("mail: the e-mail URL has a ?, # or % in the folder's name: write them as %3F, %23 and %25")
	}
	if dir == "" {
		return nil, errors.New("mail: the e-mail URL names no folder: write file:folder")
	}
	return File{Dir: dir}, nil
}

func openSMTP(scheme, text string) (Transport, error) {
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" || strings.HasSuffix(text, "#") || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("mail: the e-mail URL cannot be read: write " + scheme + "://user:password@host:port, " +
			"with @ : / ? # and % in the user name or password as %40 %3A %2F %3F %23 and %25")
	}
	if u.Opaque != "" || u.Hostname() == "" {
		return nil, errors.New("mail: the e-mail URL names no host: write " + scheme + "://host:port")
	}
	s := SMTP{Username: u.User.Username()}
	s.Password, _ = u.User.Password()
	port := "587"
	if scheme == "smtps" {
		port, s.TLS = "465", ImplicitTLS
	}
	if err := s.options(u.RawQuery); err != nil {
		return nil, err
	}
	if s.TLS == NoTLS {
		port = "25"
	}
	if u.Port() != "" {
		port = u.Port()
	}
	s.Addr = net.JoinHostPort(u.Hostname(), port)
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// options reads the query of an e-mail URL.
func (s *SMTP) options(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("mail: the options of the e-mail URL cannot be read: write them as ?timeout=30s&tls=none")
	}
	for name, all := range values {
		value := all[0]
		switch {
		case len(all) > 1:
			return errors.New("mail: the e-mail URL has an option twice: leave one out")
		case name == "timeout":
			if s.Timeout, err = time.ParseDuration(value); err != nil || s.Timeout <= 0 {
				return errors.New(`mail: the e-mail URL's timeout is not a time above 0: write it as "30s" or "2m"`)
			}
		case name == "local_name" && value != "":
			s.LocalName = value
		case name == "tls" && value == "none" && s.TLS == StartTLS:
			s.TLS = NoTLS
		case name == "tls":
			return errors.New("mail: the e-mail URL's option tls can only be none, and only with smtp: " +
				"leave it out for STARTTLS, or begin the URL with smtps for TLS from the start")
		default:
			return errors.New("mail: the e-mail URL has an unknown option: there are timeout, tls and local_name")
		}
	}
	return nil
}
