package messages_test

import (
	"os"
	"testing"

	"github.com/go-belleville/belleville/core/coretest"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }
