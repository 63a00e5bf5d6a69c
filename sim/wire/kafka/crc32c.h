// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of record batches v2.
#pragma once

#include <cstdint>
#include <span>

namespace brokerlab::kafka {

/// The checksum of `bytes`, or of what gave `before` followed by `bytes`.
uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t before = 0);
/// The same where the processor has no instruction for it.
uint32_t crc32c_by_tables(std::span<const uint8_t> bytes, uint32_t before = 0);

}  // namespace brokerlab::kafka
