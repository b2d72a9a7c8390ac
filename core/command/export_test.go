package command

// SystemUserOf is SystemUser with another way to ask the system.
var SystemUserOf = systemUser

// ReadTyped reads a line from a terminal.
var ReadTyped = readTyped
