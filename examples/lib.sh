# Shared by the examples: where the data is, a fresh home, and the command.
set -euo pipefail
example="$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)"
root="$(cd "$example/../.." && pwd)"
data="${SDA_SHARED_DATA:-$root/../shared/data}"
if [ ! -d "$data" ]; then
    echo "The real data is not here: $data (set SDA_SHARED_DATA)." >&2
    exit 2
fi
data="$(cd "$data" && pwd)"
export SDA_HOME="${SDA_HOME:-$root/var/examples/$(basename "$example")}"
export SDA_CONFIG="$SDA_HOME/assistant.toml"
rm -rf "$SDA_HOME"
mkdir -p "$SDA_HOME"
sda() {
    echo "+ sda $*" >&2
    "$root/.venv/bin/sda" "$@"
}
