package auth

import (
	"database/sql"
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// setText reads what a person typed into a value of any column's type. sqlType is the column's, as
// its tag has it; times without a zone are in zone, nil meaning UTC. The error says what to write instead.
func setText(v reflect.Value, text, sqlType string, zone *time.Location) error {
	if v.Kind() == reflect.Pointer {
		inner := reflect.New(v.Type().Elem())
		if err := setText(inner.Elem(), text, sqlType, zone); err != nil {
			return err
		}
		v.Set(inner)
		return nil
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		t, err := readTime(text, sqlType, zone)
		if err == nil {
			*p = t
		}
		return err
	case *sql.NullTime:
		t, err := readTime(text, sqlType, zone)
		if err == nil {
			*p = sql.NullTime{Time: t, Valid: true}
		}
		return err
	case encoding.TextUnmarshaler:
		if p.UnmarshalText([]byte(text)) != nil {
			return errors.New("another value")
		}
		return nil
	case sql.Scanner:
		if p.Scan(text) != nil {
			return errors.New("another value")
		}
		return nil
	}
	return setBasic(v, text)
}

// setBasic is setText for the kinds that Go has by itself.
func setBasic(v reflect.Value, text string) error {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		switch strings.ToLower(text) {
		case "yes", "y", "true", "t", "1":
			v.SetBool(true)
		case "no", "n", "false", "f", "0":
			v.SetBool(false)
		default:
			return errors.New("yes or no")
		}
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return errors.New("a whole number")
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			return errors.New("a whole number that is not negative")
		}
		v.SetUint(n)
	case v.CanFloat():
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil {
			return errors.New("a number")
		}
		v.SetFloat(n)
	default:
		return errors.New("it by a program: a column of the type " + v.Type().String() + " cannot be typed")
	}
	return nil
}

// readTime reads a date, or a date and a time.
func readTime(text, sqlType string, zone *time.Location) (time.Time, error) {
	if strings.EqualFold(sqlType, "date") {
		if t, err := time.Parse(time.DateOnly, text); err == nil {
			return t, nil
		}
		return time.Time{}, errors.New("a date like 1976-04-01")
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02 15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, errors.New("a date and time like 1976-04-01 15:30")
}
