package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
)

// login proves who we are. The connection has been found safe for that.
func (s SMTP) login(c *smtp.Client) error {
	offered, list := c.Extension("AUTH")
	if !offered {
		return errors.New("login: the server offers none, although a user name is set")
	}
	mechanisms := strings.Fields(strings.ToUpper(list))
	for _, m := range []struct {
		name string
		auth smtp.Auth
	}{
		{"PLAIN", &plainLogin{s.Username, s.Password}},
		{"LOGIN", &loginLogin{answers: []string{s.Username, s.Password}}},
		{"CRAM-MD5", smtp.CRAMMD5Auth(s.Username, s.Password)},
	} {
		if slices.Contains(mechanisms, m.name) {
			if err := c.Auth(m.auth); err != nil {
				return fmt.Errorf("login: %w", s.withoutSecrets(reply(err)))
			}
			return nil
		}
	}
	return errors.New("login: the server offers none of PLAIN, LOGIN and CRAM-MD5")
}

// withoutSecrets drops the server's words where they repeat what it was told.
func (s SMTP) withoutSecrets(err error) error {
	e, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return err
	}
	for _, secret := range []string{s.Username, s.Password, "\x00" + s.Username + "\x00" + s.Password} {
		if strings.Contains(e.Msg, secret) || strings.Contains(e.Msg, base64.StdEncoding.EncodeToString([]byte(secret))) {
			return &textproto.Error{Code: e.Code, Msg: "(the server's words are left out, because they repeat the user name or password)"}
		}
	}
	return err
}

// plainLogin is the PLAIN mechanism. The one of net/smtp decides by names of its own what is safe.
type plainLogin struct{ username, password string }

func (a *plainLogin) Start(*smtp.ServerInfo) (string, []byte, error) {
	return "PLAIN", []byte("\x00" + a.username + "\x00" + a.password), nil
}

func (a *plainLogin) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("the server asks for more than PLAIN has")
	}
	return nil, nil
}

// loginLogin is the LOGIN mechanism: the user name and the password, each when asked.
type loginLogin struct{ answers []string }

func (a *loginLogin) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (a *loginLogin) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	if len(a.answers) == 0 {
		return nil, errors.New("the server asks for more than LOGIN has")
	}
	answer := a.answers[0]
	a.answers = a.answers[1:]
	return []byte(answer), nil
}
