package forms

import (
	"context"
	"mime/multipart"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// File is the type of an uploaded file. Its Value has Filename, Size and Open; the name is the
// sender's and must not be used as a path, and neither it nor the Content-Type says what is
// inside. The error codes are invalid, empty, max_size, max_length and invalid_extension.
//
// The size of the whole request is limited before, see [Limits].
type File struct {
	// MaxSize is in bytes; 0 means no limit besides the request's.
	MaxSize int64
	// MaxLength counts the characters of the file's name; 0 means no limit.
	MaxLength int
	// Extensions are the endings allowed, in lower case: ".png". Empty allows all.
	Extensions []string
	// AllowEmpty takes a file without content.
	AllowEmpty bool
}

// Clean implements [Type].
func (f File) Clean(_ context.Context, in Input) (*multipart.FileHeader, bool, error) {
	if len(in.Files) == 0 {
		if in.Text() != "" { // the page's form lacks enctype="multipart/form-data"
			return nil, false, withCode("invalid", newError("invalid_file", nil))
		}
		return nil, true, nil
	}
	file := in.Files[len(in.Files)-1]
	if file.Filename == "" {
		return nil, true, nil
	}
	return file, false, f.check(file)
}

func (f File) check(file *multipart.FileHeader) error {
	name := file.Filename
	ext := strings.ToLower(path.Ext(name))
	switch {
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return withCode("invalid", newError("invalid_file", nil))
	case f.MaxLength > 0 && utf8.RuneCountInString(name) > f.MaxLength:
		return checkLength(name, 0, f.MaxLength)
	case file.Size == 0 && !f.AllowEmpty:
		return newError("empty", nil)
	case f.MaxSize > 0 && file.Size > f.MaxSize:
		return newError("max_size", map[string]any{"max": f.MaxSize, "size": file.Size})
	case len(f.Extensions) > 0 && !slices.Contains(f.Extensions, ext):
		return newError("invalid_extension", map[string]any{"allowed": strings.Join(f.Extensions, ", "), "extension": ext})
	}
	return nil
}

// Texts returns nothing: a browser chooses files itself.
func (f File) Texts(*multipart.FileHeader) []string { return nil }

// Widget returns a button to choose a file.
func (f File) Widget() Widget { return FilePicker{} }

// Attrs returns accept, a hint for the browser.
func (f File) Attrs() Attrs {
	if len(f.Extensions) == 0 {
		return nil
	}
	return Attrs{"accept": strings.Join(f.Extensions, ",")}
}
