# Sourced by the scripts of this folder: installs the peers and builds the benchmarks. Leaves $work, $python and $bench.
say() { echo "${0##*/}: $*" >&2; }

# Everything the script makes lies in this folder: the peers, weights and graphs (about 10 GB with vit_h).
work=${SAM_PEERS_FOLDER:-$PWD/.work}
mkdir -p "$work"

python=$work/venv/bin/python
if ! cmp -s requirements.txt "$work/installed.txt"; then
  say "installing the peers into $work/venv"
  python3 -m venv "$work/venv"
  "$python" -m pip install --quiet --requirement requirements.txt || {
    say "where torch's +cpu build is not found, name PyTorch's own index of CPU builds in PIP_EXTRA_INDEX_URL"
    exit 1
  }
  cp requirements.txt "$work/installed.txt"
fi

say "building the benchmarks"
swift build --package-path .. -c release --product bench >&2
bench=$(swift build --package-path .. -c release --show-bin-path)/bench
