// Bytes as the text that Java makes of them.
#pragma once

#include <string>
#include <string_view>

namespace brokerlab {

/// `new String(bytes, UTF_8)`, in UTF-8 again: each sequence that is none becomes U+FFFD.
std::string java_text(std::string_view bytes);

}  // namespace brokerlab
