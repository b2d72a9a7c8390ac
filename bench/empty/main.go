// Command empty does nothing. bench/start compares with it.
package main

func main() {}
