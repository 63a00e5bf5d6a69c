#include "sim/tools/json_list.h"

#include <fmt/format.h>

namespace brokerlab {

std::optional<ToolEnd> read_json_list(const std::string& path, const char* list,
                                      const ToolEnvironment& environment, const ExceptionEnd& ends_with,
                                      nlohmann::json& elements) {
  const Result<std::string> text = read_file(environment, path);
  if (!text.ok())
    return ends_with("java.io.IOException", "Unable to read file " + path,
                     {fmt::format("{}: {}", no_such_file_exception, path)});
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return ends_with(operation_failed, "The input string is not a valid JSON", {});
  if (!json.is_object()) return ends_with(wrong_mapping, "Expected JSON object, received " + json.dump(), {});
  if (json.contains("version")) {
    const auto& version = json["version"];
    if (!version.is_number_integer() || version.get<int32_t>() != version.get<int64_t>())
      return ends_with(wrong_mapping, "Expected `Integer` value, received " + version.dump(), {});
    if (version != 1)
      return ends_with(operation_failed, "Not supported version field value " + version.dump(), {});
  }
  if (!json.contains(list)) return ends_with(operation_failed, fmt::format("Missing {} field", list), {});
  elements = json[list];
  if (!elements.is_array())
    return ends_with(wrong_mapping, "Expected JSON array, received " + elements.dump(), {});
  return std::nullopt;
}

}  // namespace brokerlab
