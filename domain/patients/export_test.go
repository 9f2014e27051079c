package patients

// MovedByMerge names the tables whose rows go over with a merge.
func MovedByMerge() []string {
	var tables []string
	for _, b := range belongings {
		tables = append(tables, b.table)
	}
	return tables
}
