package hashers

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

// lowered is by how much the nice value of a thread that hashes is raised, which needs no right. The
// thread then gets the time that nobody else wants, and a third of somebody else's share where
// there is none. With less log-ins would starve, and pages with them: before Go collects garbage
// each of its threads has to be heard.
const lowered = 5

// apart does the work on an operating system's thread of its own with lowered priority, and returns
// when it is done. A panic in it comes back as one here.
//
// The thread is never unlocked from its goroutine and so ends with it: no other goroutine ever
// runs on it, and Go's runtime starts no further thread from it, which would inherit the priority.
// Starting a thread takes some 50 µs, a hash a thousand times that.
func apart(work func()) {
	done := make(chan ending, 1)
	go alone(work, done)
	(<-done).relive()
}

func alone(work func(), done chan<- ending) {
	runtime.LockOSThread()
	if syscall.Gettid() != os.Getpid() {
		lower()
		finish(work, done)
		return
	}
	// The program's first thread cannot end, and its priority is taken for the program's. As long
	// as it is held here, the next goroutine gets another.
	elsewhere := make(chan ending, 1)
	go alone(work, elsewhere)
	done <- <-elsewhere
	runtime.UnlockOSThread()
}

// lower lowers the priority of the calling thread. Where the system refuses, as in a sandbox, the
// hash is made all the same.
func lower() {
	// The system call returns 20 - nice, so that it is never negative.
	if p, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, min(20-p+lowered, 19))
	}
}

// ending is how some work ended.
type ending struct {
	returned bool
	panicked *workPanic // nil when it ended by runtime.Goexit, as a failing test does
}

// workPanic is a panic of another goroutine with the place where it happened.
type workPanic struct {
	value any
	stack []byte
}

func (p *workPanic) Error() string { return fmt.Sprintf("%v\n\nwhile hashing:\n%s", p.value, p.stack) }

// Unwrap returns the value if it is an error.
func (p *workPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// finish does the work and tells how it ended, however that was.
func finish(work func(), done chan<- ending) {
	var e ending
	defer func() {
		if !e.returned {
			if value := recover(); value != nil {
				e.panicked = &workPanic{value, debug.Stack()}
			}
		}
		done <- e
	}()
	work()
	e.returned = true
}

// relive ends the calling goroutine as the work did its own.
func (e ending) relive() {
	switch {
	case e.returned:
	case e.panicked != nil:
		panic(e.panicked)
	default:
		runtime.Goexit()
	}
}
