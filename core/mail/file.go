package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// File is a transport for development and for programs that pick mail up: it writes each message to
// a file of its own, which mail programs can open. Names begin with the time in UTC and end in .eml,
// so they sort by age; a file appears under such a name when it is complete. Only the owner may read
// files and folder, because messages hold links that log in.
type File struct {
	Dir string // made at the first message if it is not there
}

var _ Transport = File{}

// Send writes the messages.
func (f File) Send(ctx context.Context, msgs ...*Message) (int, error) {
	return each(ctx, msgs, func(m *Message) error {
		if f.Dir == "" {
			return errors.New("mail: the file transport has no folder: set File.Dir, or write file:mails")
		}
		raw, err := m.Bytes()
		if err != nil {
			return err
		}
		if err := f.write(raw); err != nil {
			return fmt.Errorf("mail: write the message to a file: %w", err)
		}
		return nil
	})
}

func (f File) write(raw []byte) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	// CreateTemp chooses a name that no other process has, and gives the file mode 0600.
	tmp, err := os.CreateTemp(f.Dir, time.Now().UTC().Format("20060102-150405.000000000")+"-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(raw)
	if err = errors.Join(err, tmp.Close()); err == nil {
		name := tmp.Name()
		err = os.Rename(name, name[:len(name)-len(filepath.Ext(name))]+".eml")
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
