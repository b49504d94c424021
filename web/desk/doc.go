// Package desk is what console and portal share: a [Visit] of a signed-in person,
// the [Route] table it finds its page by, forms that are carried out once and keep
// what was typed, and the words that statuses, money and minutes are told in.
package desk
