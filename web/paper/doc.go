// Package paper draws a payment request on A4. It knows no rule and no language: callers hand it words that are already
// formatted. Latin, Greek and Cyrillic are set as text of embedded fonts; scripts whose letters change with their
// neighbours (Devanagari, Arabic, Hebrew) are shaped and drawn as outlines, for the PDF library only sets letters in a
// row.
package paper
