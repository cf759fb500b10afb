#pragma once
// jpeglib.h uses FILE and size_t without including their header.
#include <stdio.h>
#include <jpeglib.h>
