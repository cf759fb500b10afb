#pragma once

/// Processors this process may use: its affinity mask on Linux, the online ones elsewhere; at least 1.
int sam_processor_count(void);
