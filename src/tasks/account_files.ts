/**
 * Shell functions over passwd(5), shadow(5) and group(5), for hosts without shadow's programs: busybox has some of them on some systems, with
 * options of their own, but always awk. A file is replaced whole, with the mode and owner it had.
 */
export const ACCOUNT_FILES = `has() { command -v "$1" >/dev/null 2>&1; }
set -e
rewrite() {
  [ -e "/etc/$1" ] || return 0
  cp -p "/etc/$1" "/etc/$1.kplay"
  awk -F: -v OFS=: "$2" "/etc/$1" >"/etc/$1.kplay" || { rm -f "/etc/$1.kplay"; return 1; }
  mv -f "/etc/$1.kplay" "/etc/$1"
}
field() (
  export k_name="$2" k_at="$3" k_value="$4"
  rewrite "$1" '$1 == ENVIRON["k_name"] { $(ENVIRON["k_at"] + 0) = ENVIRON["k_value"] } { print }'
)
append() (
  export k_value="$2"
  rewrite "$1" '{ print } END { print ENVIRON["k_value"] }'
)
drop() (
  export k_name="$2"
  rewrite "$1" '$1 != ENVIRON["k_name"] { print }'
)
join_group() (
  export k_name="$1" k_group="$2"
  rewrite group '$1 == ENVIRON["k_group"] { $4 = $4 ($4 == "" ? "" : ",") ENVIRON["k_name"] } { print }'
)
leave_group() (
  export k_name="$1" k_group="$2"
  rewrite group '$1 == ENVIRON["k_group"] || ENVIRON["k_group"] == "" {
    n = split($4, member, ","); $4 = ""
    for (i = 1; i <= n; i++) if (member[i] != ENVIRON["k_name"]) $4 = $4 ($4 == "" ? "" : ",") member[i]
  } { print }'
)
free_id() {
  awk -F: -v low="$2" -v high="$3" '{ used[$3] = 1 } END { for (i = low; i <= high; i++) if (!(i in used)) { print i; exit } }' "/etc/$1"
}
refuse_taken() {
  k_taken=$(awk -F: -v id="$2" -v name="$3" '$3 == id && $1 != name { print $1; exit }' "/etc/$1")
  [ -z "$k_taken" ] || { echo "$2 in /etc/$1 already is the number of $k_taken" >&2; exit 4; }
}
id_of() { awk -F: -v name="$2" '$1 == name { print $3; exit }' "/etc/$1"; }`;
