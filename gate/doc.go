// Package gate is what every request passes on its way in: an id, the access log, limits, the check of its body, the
// key that says who asks, and the Idempotency-Key; and on its way out: a refusal or a fault as a problem document.
//
// Nothing else in the house turns an error into an HTTP status.
package gate
