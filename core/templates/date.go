package templates

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// asTime finds the time in what a model may hold. ok is false for no time at all: nil, NULL, zero.
func asTime(v any) (t time.Time, ok bool, err error) {
	switch v := v.(type) {
	case nil:
		return t, false, nil
	case time.Time:
		t = v
	case *time.Time:
		if v == nil {
			return t, false, nil
		}
		t = *v
	case driver.Valuer: // sql.NullTime and its like
		inner, err := v.Value()
		if err != nil || inner == nil {
			return t, false, err
		}
		if t, ok = inner.(time.Time); !ok {
			return t, false, fmt.Errorf("date: %T holds no time", v)
		}
	default:
		return t, false, fmt.Errorf("date: %T is no time", v)
	}
	return t, !t.IsZero(), nil
}

// formatDate writes t in Django's format letters; a backslash before a letter keeps the letter.
// All other characters stand for themselves.
func formatDate(format string, t time.Time) string {
	var b strings.Builder
	escaped := false
	for _, r := range format {
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		default:
			if layout := dateLayout(r); layout != "" {
				b.WriteString(t.Format(layout))
			} else {
				b.WriteString(datePart(r, t))
			}
		}
	}
	return b.String()
}

// dateLayout is Go's layout for the letters that Go can write; "" for the others.
func dateLayout(letter rune) string {
	switch letter {
	case 'A':
		return "PM"
	case 'd':
		return "02"
	case 'D':
		return "Mon"
	case 'F', 'E':
		return "January"
	case 'g':
		return "3"
	case 'h':
		return "03"
	case 'H':
		return "15"
	case 'i':
		return "04"
	case 'j':
		return "2"
	case 'l':
		return "Monday"
	case 'm':
		return "01"
	case 'M':
		return "Jan"
	case 'n':
		return "1"
	case 'O':
		return "-0700"
	case 'r':
		return "Mon, 02 Jan 2006 15:04:05 -0700"
	case 's':
		return "05"
	case 'e', 'T':
		return "MST"
	case 'y':
		return "06"
	case 'Y':
		return "2006"
	}
	return ""
}

// datePart writes the letters for which Go has no layout; other characters as they are.
func datePart(letter rune, t time.Time) string {
	switch letter {
	case 'a':
		return dotted(t)
	case 'b':
		return strings.ToLower(t.Format("Jan"))
	case 'c':
		return isoTime(t)
	case 'f':
		return clock(t)
	case 'G':
		return strconv.Itoa(t.Hour())
	case 'I':
		return digit(t.IsDST())
	case 'L':
		return title(strconv.FormatBool(leap(t.Year())))
	case 'N':
		return pressMonth(t.Month())
	case 'o':
		year, _ := t.ISOWeek()
		return strconv.Itoa(year)
	case 'P':
		return spokenTime(t)
	case 'S':
		return ordinal(t.Day())
	case 't':
		return strconv.Itoa(time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day())
	case 'u':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000)
	case 'U':
		return strconv.FormatInt(t.Unix(), 10)
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'W':
		_, week := t.ISOWeek()
		return strconv.Itoa(week)
	case 'z':
		return strconv.Itoa(t.YearDay())
	case 'Z':
		_, seconds := t.Zone()
		return strconv.Itoa(seconds)
	}
	return string(letter)
}

// isoTime has six decimals or none, as Python's isoformat.
func isoTime(t time.Time) string {
	if t.Nanosecond() < 1000 {
		return t.Format("2006-01-02T15:04:05-07:00")
	}
	return t.Format("2006-01-02T15:04:05.000000-07:00")
}

func digit(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func dotted(t time.Time) string {
	if t.Hour() < 12 {
		return "a.m."
	}
	return "p.m."
}

// clock is the time on a twelve-hour clock without minutes when they are zero: 1, 1:30.
func clock(t time.Time) string {
	if t.Minute() == 0 {
		return t.Format("3")
	}
	return t.Format("3:04")
}

func spokenTime(t time.Time) string {
	switch {
	case t.Minute() == 0 && t.Hour() == 0:
		return "midnight"
	case t.Minute() == 0 && t.Hour() == 12:
		return "noon"
	}
	return clock(t) + " " + dotted(t)
}

// pressMonth abbreviates as the Associated Press does.
func pressMonth(m time.Month) string {
	switch m {
	case time.March, time.April, time.May, time.June, time.July:
		return m.String()
	case time.September:
		return "Sept."
	}
	return m.String()[:3] + "."
}

func ordinal(day int) string {
	if day/10 == 1 {
		return "th"
	}
	switch day % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}
