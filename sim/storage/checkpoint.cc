#include "sim/storage/checkpoint.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "sim/storage/checkpoint_text.h"

namespace brokerlab {
namespace {

constexpr std::string_view meta_properties_path = "meta.properties";
constexpr std::string_view clean_shutdown_path = ".kafka_cleanshutdown";

std::string in_folder(std::string_view folder, std::string_view name) {
  return fmt::format("{}/{}", folder, name);
}

Status broken(std::string_view path, std::string_view why) {
  return Status::error(StatusCode::invalid, fmt::format("{}: {}", path, why));
}

/// `Sat Nov 21 08:11:16 UTC 2026`, as Java's Date prints it.
std::string java_date(int64_t now_ms) {
  static constexpr std::array<std::string_view, 7> weekdays = {"Thu", "Fri", "Sat", "Sun",
                                                               "Mon", "Tue", "Wed"};
  static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int64_t now_s = now_ms / 1000;
  const int64_t day = now_s / 86400;
  const int64_t second = now_s % 86400;
  // Years of the Gregorian calendar counted from March, so that the leap day is the last of its year.
  const int64_t days = day + 719468;
  const int64_t era = days / 146097;
  const int64_t day_of_era = days % 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int64_t day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const size_t month = static_cast<size_t>((month_from_march + 2) % 12);
  const int64_t year = year_of_era + era * 400 + (month < 2 ? 1 : 0);
  return fmt::format("{} {} {:02} {:02}:{:02}:{:02} UTC {}", weekdays[static_cast<size_t>(day % 7)],
                     months[month], day_of_month, second / 3600, second / 60 % 60, second % 60, year);
}

/// `KEY` + separator + value, one a line; comments begin with '#'.
std::map<std::string, std::string> parse_properties(std::string_view text, std::string_view separator) {
  std::map<std::string, std::string> properties;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t at = line.find(separator);
    if (line.starts_with('#') || at == std::string_view::npos) continue;
    properties[std::string(line.substr(0, at))] = line.substr(at + separator.size());
  }
  return properties;
}

}  // namespace

Result<OffsetCheckpoint> read_offset_checkpoint(Disk& disk, std::string_view path) {
  Result<Bytes> content = disk.read_file(path);
  if (!content) return content.status();
  Result<std::vector<std::vector<std::string>>> lines = parse_checkpoint_text(content->text(), 3);
  if (!lines) return broken(path, lines.status().message);
  OffsetCheckpoint offsets;
  for (const std::vector<std::string>& line : *lines) {
    const std::optional<int64_t> partition = parse_number(line[1]);
    const std::optional<int64_t> offset = parse_number(line[2]);
    if (!partition || *partition < 0 || *partition > INT32_MAX || !offset)
      return broken(path, "a malformed line");
    offsets[{line[0], static_cast<int32_t>(*partition)}] = *offset;
  }
  return offsets;
}

Status write_offset_checkpoint(Disk& disk, std::string_view path, const OffsetCheckpoint& offsets) {
  std::vector<std::string> lines;
  for (const auto& [partition, offset] : offsets)
    lines.push_back(fmt::format("{} {} {}", partition.topic, partition.partition, offset));
  return disk.replace_file(path, Bytes::copy_of(checkpoint_text(lines)), Durability::cached);
}

Result<MetaProperties> read_meta_properties(Disk& disk) {
  Result<Bytes> content = disk.read_file(meta_properties_path);
  if (!content) return content.status();
  std::map<std::string, std::string> values = parse_properties(content->text(), "=");
  const std::optional<int64_t> node_id = parse_number(values["node.id"]);
  MetaProperties properties;
  properties.cluster_id = values["cluster.id"];
  properties.directory_id = Uuid::parse(values["directory.id"]);
  if (values["version"] != "1") return broken(meta_properties_path, "is not of version 1");
  if (!node_id || *node_id < 0 || *node_id > INT32_MAX) return broken(meta_properties_path, "has no node.id");
  if (properties.cluster_id.empty()) return broken(meta_properties_path, "has no cluster.id");
  properties.node_id = static_cast<int32_t>(*node_id);
  return properties;
}

Status write_meta_properties(Disk& disk, const MetaProperties& properties, int64_t now_ms) {
  const std::string text =
      fmt::format("#\n#{}\nnode.id={}\ndirectory.id={}\nversion=1\ncluster.id={}\n", java_date(now_ms),
                  properties.node_id, properties.directory_id.to_string(), properties.cluster_id);
  return disk.replace_file(meta_properties_path, Bytes::copy_of(text), Durability::synced);
}

Result<CleanShutdown> read_clean_shutdown(Disk& disk) {
  Result<Bytes> content = disk.read_file(clean_shutdown_path);
  if (!content) return content.status();
  const auto json = nlohmann::json::parse(content->text(), nullptr, /*allow_exceptions=*/false);
  const auto is_number = [&](const char* key) { return json.contains(key) && json[key].is_number_integer(); };
  if (!is_number("version") || json["version"] != 0 || !is_number("brokerEpoch"))
    return broken(clean_shutdown_path, "is not of version 0");
  return CleanShutdown{json["brokerEpoch"].get<int64_t>()};
}

Status write_clean_shutdown(Disk& disk, const CleanShutdown& mark) {
  const std::string text = fmt::format(R"({{"version":0,"brokerEpoch":{}}})", mark.broker_epoch);
  return disk.replace_file(clean_shutdown_path, Bytes::copy_of(text), Durability::cached);
}

Status remove_clean_shutdown(Disk& disk) { return disk.remove_file(clean_shutdown_path); }

Result<Uuid> read_partition_metadata(Disk& disk, std::string_view folder) {
  const std::string path = in_folder(folder, "partition.metadata");
  Result<Bytes> content = disk.read_file(path);
  if (!content) return content.status();
  std::map<std::string, std::string> values = parse_properties(content->text(), ": ");
  const Uuid topic_id = Uuid::parse(values["topic_id"]);
  if (values["version"] != "0" || topic_id.is_zero()) return broken(path, "has no topic_id of version 0");
  return topic_id;
}

Status write_partition_metadata(Disk& disk, std::string_view folder, const Uuid& topic_id) {
  const std::string text = fmt::format("version: 0\ntopic_id: {}", topic_id.to_string());
  return disk.replace_file(in_folder(folder, "partition.metadata"), Bytes::copy_of(text), Durability::synced);
}

}  // namespace brokerlab
