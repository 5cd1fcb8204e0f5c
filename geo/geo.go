// Package geo says where things are: H3 cells and their rings, distance, regions, time zones, and how
// long it takes to drive. It is the only importer of h3.
package geo
