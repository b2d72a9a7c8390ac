package auth

import "reflect"

// What tests from outside look at.

// SplitNames is splitNames.
func SplitNames(text string) (PermissionSet, error) { return splitNames(text) }

// ParseKey is parseKey.
func ParseKey(t reflect.Type, text string) (any, bool) { return parseKey(t, keyKind(t), text) }

// KeyText is fieldText.
func KeyText(key any) string { return fieldText(reflect.ValueOf(key)) }
