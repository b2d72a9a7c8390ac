package hashers_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// niceOf returns the nice value that the kernel has for a thread of this process, and whether
// there is such a thread.
func niceOf(thread string) (int, bool) {
	text, err := os.ReadFile("/proc/self/task/" + thread + "/stat")
	if err != nil {
		return 0, false
	}
	// The name, in brackets, may hold anything; nice is the 17th field behind it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	nice, err := strconv.Atoi(fields[16])
	return nice, err == nil
}

// thread returns the calling thread's number. It means something only on a locked thread.
func thread() string { return strconv.Itoa(syscall.Gettid()) }

// niced returns the threads of this process whose priority is lower than the program's.
func niced(t *testing.T, program int) []string {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, one := range threads {
		if nice, ok := niceOf(one.Name()); ok && nice > program {
			found = append(found, one.Name())
		}
	}
	return found
}

// witness is a hasher that notes where it runs.
type witness struct {
	hashers.MD5
	mu    *sync.Mutex
	nices map[string]int // by thread
}

func (w witness) Encode(password, salt string) (string, error) {
	if password == "panic" {
		panic(errMistake)
	}
	if password == "goexit" {
		runtime.Goexit()
	}
	before := thread()
	runtime.Gosched()
	nice, _ := niceOf(before)
	w.mu.Lock()
	defer w.mu.Unlock()
	if after := thread(); after != before {
		return "", fmt.Errorf("the hash moved from thread %s to %s", before, after)
	}
	w.nices[before] = nice
	return w.MD5.Encode(password, salt)
}

var errMistake = errors.New("a hasher's mistake")

func newWitness() witness { return witness{mu: new(sync.Mutex), nices: map[string]int{}} }

// TestPriority is not parallel: it looks at all threads of the process, and other tests hash too.
func TestPriority(t *testing.T) { //nolint:paralleltest
	first := strconv.Itoa(os.Getpid())
	program, ok := niceOf(first)
	if !ok {
		t.Skip("the priorities of threads cannot be read: there is no /proc here")
	}
	if program == 19 {
		t.Skip("the tests run at the lowest priority themselves")
	}
	w := newWitness()
	h := hashers.New(hashers.Config{List: []hashers.Hasher{w}, Limit: 4, Queue: 1000})

	// While many passwords are hashed, and some hashers fail, no other goroutine ever runs on a
	// thread of theirs.
	stop := make(chan struct{})
	var others, group sync.WaitGroup
	for range 8 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				runtime.LockOSThread()
				if nice, ok := niceOf(thread()); ok && nice != program {
					t.Errorf("a goroutine that does not hash runs at priority %d, want the program's %d", nice, program)
				}
				runtime.UnlockOSThread()
				runtime.Gosched()
			}
		})
	}
	for range 100 {
		group.Go(func() { _, _ = h.Make(t.Context(), "secret") })
		group.Go(func() {
			defer func() { _ = recover() }()
			_, _ = h.Make(t.Context(), "panic")
		})
		group.Go(func() { _, _ = h.Make(t.Context(), "goexit") })
	}
	group.Wait()
	close(stop)
	others.Wait()

	if len(w.nices) == 0 {
		t.Error("nothing was hashed")
	}
	for thread, nice := range w.nices {
		if want := min(program+5, 19); nice != want {
			t.Errorf("a hash ran at priority %d on thread %s, want %d", nice, thread, want)
		}
		if thread == first {
			t.Error("a hash lowered the priority of the program's first thread, which cannot end")
		}
	}
	// A thread is gone a moment after its hash.
	for deadline := time.Now().Add(10 * time.Second); len(niced(t, program)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the threads %s still have a lowered priority", niced(t, program))
		}
	}
}

func TestPanicComesBack(t *testing.T) {
	t.Parallel()
	h := hashers.New(hashers.Config{List: []hashers.Hasher{newWitness()}})
	defer func() {
		err, _ := recover().(error)
		if !errors.Is(err, errMistake) {
			t.Fatalf("Make panicked with %v, want the hasher's error", err)
		}
		if !strings.Contains(err.Error(), "witness.Encode") {
			t.Errorf("the panic does not say where it happened: %v", err)
		}
	}()
	_, _ = h.Make(t.Context(), "panic")
	t.Error("Make returned, want a panic")
}

func TestGoexitComesBack(t *testing.T) {
	t.Parallel()
	h := hashers.New(hashers.Config{List: []hashers.Hasher{newWitness()}, Limit: 1, Queue: -1})
	returned, gone := false, make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = h.Make(context.Background(), "goexit")
		returned = true
	}()
	<-gone
	if returned {
		t.Error("Make returned, want the end of its goroutine")
	}
	if _, err := h.Make(t.Context(), "secret"); err != nil {
		t.Errorf("Make afterwards: %v", err)
	}
}
