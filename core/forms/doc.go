// Package forms checks what people post.
package forms
