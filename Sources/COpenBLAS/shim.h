#pragma once
// cblas.h of OpenBLAS uses cpu_set_t, which is declared here.
#include <sched.h>
#include <cblas.h>
