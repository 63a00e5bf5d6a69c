// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches v2. Processors have an instruction for
// it (SSE 4.2, ARMv8's CRC), five times as fast as tables.
#pragma once

#include <cstdint>
#include <span>

namespace brokerlab::kafka {

/// The checksum of `bytes`, or of what gave `before` followed by `bytes`.
uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t before = 0);
/// The same on any processor.
uint32_t crc32c_with_tables(std::span<const uint8_t> bytes, uint32_t before = 0);

}  // namespace brokerlab::kafka
