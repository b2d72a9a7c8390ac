package filestore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func BenchmarkFile(b *testing.B) { sessionstest.BenchmarkStore(b, filestore.New(b.TempDir(), keys)) }
