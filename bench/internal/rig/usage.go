package rig

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-belleville/belleville/core/database"
)

// tick is the unit of CPU times in /proc, which is the same on all of today's Linux machines.
const tick = 10 * time.Millisecond

// Usage is the CPU time that each of some processes had taken at one moment, to 10 ms.
type Usage map[int]time.Duration

// UsageOf looks at processes. Those that are gone are left out. Only Linux tells.
func UsageOf(pids []int) Usage {
	u := Usage{}
	for _, pid := range pids {
		fields, err := stat(pid)
		if err != nil {
			continue
		}
		for _, i := range []int{11, 12} { // utime and stime, counted from the state
			n, _ := strconv.ParseInt(fields[i], 10, 64)
			u[pid] += time.Duration(n) * tick
		}
	}
	return u
}

// Since returns the CPU time that all processes have taken since an earlier look. One that was not
// there before has begun meanwhile.
func (u Usage) Since(before Usage) time.Duration {
	var sum time.Duration
	for pid, cpu := range u {
		sum += cpu - before[pid]
	}
	return sum
}

// Usage looks at the server and its children.
func (s *Server) Usage() (Usage, error) {
	pids, err := group(s.PID())
	return UsageOf(pids), err
}

// Usage looks at the server's processes that serve the database, none for SQLite, whose work is done
// in the programs that use it. They are seen on the same machine only.
func (d *Database) Usage(ctx context.Context) (Usage, error) {
	if d.Kind == SQLite {
		return nil, nil
	}
	db, err := database.Open(d.admin)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var pids []int
	err = db.NewRaw("SELECT pid FROM pg_stat_activity WHERE datname = ?", d.name).Scan(ctx, &pids)
	return UsageOf(pids), err
}

// stat returns the fields of a process from its state on.
func stat(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	after := strings.LastIndexByte(string(text), ')') // the name may hold anything
	fields := strings.Fields(string(text[after+1:]))
	if len(fields) < 20 {
		return nil, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	return fields, nil
}

// group returns the processes of a process group.
func group(leader int) ([]int, error) {
	paths, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if fields, err := stat(pid); err == nil && fields[2] == strconv.Itoa(leader) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// Memory returns the bytes of memory that the server and its children hold, what they share being
// counted once (PSS).
func (s *Server) Memory() (int64, error) {
	pids, err := group(s.PID())
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return 0, err
		}
		for line := range strings.Lines(string(text)) {
			if words := strings.Fields(line); len(words) == 3 && words[0] == "Pss:" {
				kib, _ := strconv.ParseInt(words[1], 10, 64)
				sum += kib << 10
			}
		}
	}
	return sum, nil
}

// Busy returns the CPU time that all processes of the machine have taken since it was started.
func Busy() (time.Duration, error) {
	f, err := os.Open("/proc/stat")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan()
	fields := strings.Fields(lines.Text())
	if len(fields) < 9 {
		return 0, fmt.Errorf("/proc/stat begins with %q", lines.Text())
	}
	var sum int64
	for i, field := range fields[1:9] {
		if i == 3 || i == 4 { // idle, and waiting for a disk
			continue
		}
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return time.Duration(sum) * tick, nil
}
