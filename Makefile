# One set of flags for everything, so that building, testing and the demo share one build directory.
# Release mode with testing enabled: the numeric code is unusable without optimisation.
FLAGS := -c release -Xswiftc -enable-testing
SOURCES := Package.swift Sources Tests WebDecoder examples Benchmarks/Package.swift Benchmarks/Sources
DEMO := demo
GOLDEN := ../shared/golden
PICTURES := ../shared/data/val
COUNT := 200
KILLS := 20

.DEFAULT_GOAL := help
.PHONY: help demo test check-embedded proof-everything proof-training test-mpi verify build format lint clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Segment the photos of examples/photos into ./demo
	@scripts/demo "$$(swift build $(FLAGS) --show-bin-path)/sam" $(DEMO)

test: bootstrap ## Build in release mode and run all tests
	swift build $(FLAGS) --build-tests
	swift test $(FLAGS) --skip-build

check-embedded: ## Compile the decoder for browsers, run it with node, measure it
	@scripts/check-embedded --time

proof-everything: build ## Interrupt everything mode in all ways and compare bytes (PICTURES=folder COUNT=200)
	@scripts/proof-everything "$$(swift build $(FLAGS) --show-bin-path)/sam" $(PICTURES) $(COUNT)

proof-training: build ## Kill a training at random moments and compare the weights with an undisturbed one's (KILLS=20)
	@scripts/proof-training "$$(swift build $(FLAGS) --show-bin-path)/sam" $(KILLS)

test-mpi: ## Build with MPI and compare trainings by one, two and three processes (minutes: a build of its own)
	@scripts/bootstrap mpi
	swift build $(FLAGS) --traits MPI --scratch-path .build/mpi --product sam
	@scripts/test-mpi "$$(swift build $(FLAGS) --traits MPI --scratch-path .build/mpi --show-bin-path)/sam"

verify: build ## Compare this build with all reference values (GOLDEN=folder)
	"$$(swift build $(FLAGS) --show-bin-path)/sam" verify $(GOLDEN)

build: bootstrap ## Build the command line, .build/release/sam
	swift build $(FLAGS) --product sam

format: ## Rewrite the sources in the project's format
	swift format format --in-place --parallel --recursive --configuration .swift-format $(SOURCES)

lint: ## Fail where the sources differ from the project's format
	swift format lint --strict --parallel --recursive --configuration .swift-format $(SOURCES)

clean: ## Remove what was built and the demo's pictures
	rm -rf .build $(DEMO)

.PHONY: bootstrap
bootstrap:
	@scripts/bootstrap
