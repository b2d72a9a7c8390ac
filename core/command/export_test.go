package command

// SystemUserOf is SystemUser with another way to ask the system.
var SystemUserOf = systemUser
