// Package signing makes and checks signed text in Django's format, so that a value signed by a
// Django project with the same SECRET_KEY is read here and the other way round: sessions, cookies,
// messages, links.
//
// A signature proves that the text was made with one of the project's [Keys] for one purpose,
// the salt. It hides nothing: anyone can read a signed value. The ways in:
//
//   - [TimestampSigner] signs text or an object together with the time, and can refuse old values;
//   - [Dumps] and [Loads] are Django's functions of these names, one call each;
//   - [Cookies] sets and reads signed cookies;
//   - [Signer] signs without a time;
//   - [SaltedHMAC], [Equal] and [RandomString] are the parts from which other packages build
//     tokens and session hashes.
//
// A signer that is used on every request is best made once and kept in its Prepared form, which
// works out the keys only once and reuses its buffers.
//
// The package encrypts nothing and stores nothing.
package signing
