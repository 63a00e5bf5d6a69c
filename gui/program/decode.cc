// `brokerlab decode` and `brokerlab encode`: one message of Kafka's protocol or one record batch between
// hexadecimal digits and JSON, or lines of golden vectors.
#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "gui/program/vector_line.h"
#include "sim/shell/shell.h"
#include "sim/wire/kafka/any_message.h"
#include "sim/wire/kafka/api_table.h"

namespace brokerlab {

namespace {

using Json = nlohmann::ordered_json;

struct DecodeOptions {
  std::optional<int> api;
  std::optional<int> version;
  std::string kind;
  bool is_batch = false;
  bool is_jsonl = false;
  std::optional<std::string> input;
  std::vector<std::string> records;
};

/// The argument, or all of standard input.
std::string input_of(const DecodeOptions& options) {
  if (options.input) return *options.input;
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// What is wrong with the options, if anything.
std::optional<Text> mistake_in(const DecodeOptions& options) {
  const bool names_message = options.api || options.version || !options.kind.empty();
  if (int{names_message} + int{options.is_batch} + int{options.is_jsonl} != 1)
    return Text{"What is it? Give --api, --version and --kind, or --batch, or --jsonl.",
                "무엇을 변환할까요? --api, --version, --kind를 모두 쓰거나, --batch나 --jsonl을 쓰세요."};
  if (options.is_jsonl && options.input)
    return Text{"--jsonl reads lines from standard input.", "--jsonl은 표준 입력에서 줄을 읽습니다."};
  if (!names_message) return std::nullopt;
  if (!options.api || !options.version || options.kind.empty())
    return Text{"A message needs all of --api, --version and --kind.",
                "메시지에는 --api, --version, --kind가 모두 필요합니다."};
  const kafka::Api* api =
      std::in_range<int16_t>(*options.api) ? kafka::find_api(static_cast<int16_t>(*options.api)) : nullptr;
  if (api == nullptr)
    return Text{fmt::format("Kafka has no API with the key {}.", *options.api),
                fmt::format("키가 {}인 API는 카프카에 없습니다.", *options.api)};
  if (kafka::find_message(api->key, kafka::MessageKind::request) == nullptr)
    return Text{fmt::format("{} ({}) is not in the lab yet.", api->name, api->key),
                fmt::format("{} ({}) API는 아직 랩에 없습니다.", api->name, api->key)};
  const kafka::Versions versions = api->declared();
  if (!std::in_range<int16_t>(*options.version) || !versions.contains(static_cast<int16_t>(*options.version)))
    return Text{
        fmt::format("{} ({}) has versions {} to {}, not {}.", api->name, api->key, versions.first,
                    versions.last, *options.version),
        fmt::format("{} ({}) API의 버전은 {}에서 {}까지입니다. {} 없습니다.", api->name, api->key,
                    versions.first, versions.last, with_particle(std::to_string(*options.version), "은/는"))};
  return std::nullopt;
}

/// The line of a vector that the options describe, without its two halves.
Json line_of(const DecodeOptions& options) {
  if (options.is_batch) return Json::object();
  return {{"api", *options.api}, {"version", *options.version}, {"kind", options.kind}};
}

/// Reads lines, and prints each with what `fill` adds, or with `error`.
int each_line(Status (*fill)(Json&), Language language) {
  bool is_all_well = true;
  size_t number = 0;
  for (std::string text; std::getline(std::cin, text);) {
    ++number;
    Json line = Json::parse(text, nullptr, false);
    const Status status = line.is_discarded() ? Status::error(StatusCode::invalid, "not JSON") : fill(line);
    if (!status.ok()) {
      if (!line.is_object()) line = Json::object();
      line["error"] = status.message;
      complain(Text{fmt::format("line {}: {}", number, status.message),
                    fmt::format("{}번째 줄: {}", number, status.message)},
               language, exit_status::failure);
      is_all_well = false;
    }
    fmt::print("{}\n", dumped(line));
  }
  return is_all_well ? exit_status::success : exit_status::failure;
}

int decode(const DecodeOptions& options, Language language) {
  if (const auto mistake = mistake_in(options)) return complain(*mistake, language, exit_status::usage);
  if (options.is_jsonl) return each_line(decode_line, language);
  const Result<Bytes> bytes = parse_hex(input_of(options));
  if (!bytes.ok()) return complain(text_of(bytes.status()), language, exit_status::usage);
  Json line = line_of(options);
  line["hex"] = to_hex(bytes->span());
  const Status status = decode_line(line);
  if (!status.ok()) return complain(status.message, exit_status::failure);

  size_t left_over = line.value("left_over_bytes", size_t{0});
  if (options.is_batch) {
    const Json several = line.value("decoded_batches", Json::array());
    for (const Json& batch : line.contains("decoded") ? Json::array({line["decoded"]}) : several)
      fmt::print("{}\n", dumped(batch));
    left_over = bytes->size() - line["valid_bytes"].get<size_t>();
    if (line["valid_bytes"] == 0)
      return complain(Text{fmt::format("no whole record batch in these bytes: {}", left_over),
                           fmt::format("{}바이트로는 온전한 레코드 배치가 되지 않습니다", left_over)},
                      language, exit_status::failure);
  } else {
    fmt::print("{}\n", dumped(line["json"]));
    for (const Json& records : line.value("records", Json::array()))
      complain(Text{fmt::format("records, to be read with decode --batch: {}", records.get<std::string>()),
                    fmt::format("레코드. decode --batch로 읽습니다: {}", records.get<std::string>())},
               language, exit_status::success);
  }
  if (left_over > 0)
    complain(Text{fmt::format("bytes after the end, ignored as Kafka does: {}", left_over),
                  fmt::format("끝난 뒤에 남은 {}바이트는 카프카처럼 무시했습니다", left_over)},
             language, exit_status::success);
  return exit_status::success;
}

int encode(const DecodeOptions& options, Language language) {
  if (const auto mistake = mistake_in(options)) return complain(*mistake, language, exit_status::usage);
  if (options.is_jsonl) return each_line(encode_line, language);
  const Json json = Json::parse(input_of(options), nullptr, false);
  if (json.is_discarded())
    return complain(Text{"That is not JSON.", "JSON이 아닙니다."}, language, exit_status::usage);
  Json line = line_of(options);
  line[options.is_batch ? "decoded" : "json"] = json;
  line["records"] = options.records;
  const Status status = encode_line(line);
  if (!status.ok()) return complain(status.message, exit_status::failure);
  fmt::print("{}\n", line["hex"].get<std::string>());
  return exit_status::success;
}

CLI::App* add_command(CLI::App& program, const char* name, const Text& help, const Text& input,
                      const char* input_name, DecodeOptions& options, Language language) {
  CLI::App* command = program.add_subcommand(name, help.in(language));
  command
      ->add_option("--api", options.api,
                   Text{"Key of the API: 1 is Fetch", "API의 키. 1은 Fetch"}.in(language))
      ->type_name("N");
  command->add_option("--version", options.version, Text{"Version of the API", "API의 버전"}.in(language))
      ->type_name("V");
  command
      ->add_option("--kind", options.kind, Text{"request or response", "request 또는 response"}.in(language))
      ->check(one_of({"request", "response"}, language));
  command->add_flag("--batch", options.is_batch,
                    Text{"A record batch instead of a message", "메시지 대신 레코드 배치"}.in(language));
  command->add_flag("--jsonl", options.is_jsonl,
                    Text{"Lines of golden vectors, from standard input: each gets what it lacks",
                         "표준 입력으로 받은 골든 벡터의 줄마다 빠진 것을 채웁니다"}
                        .in(language));
  command->add_option(input_name, options.input, input.in(language));
  return command;
}

}  // namespace

RunSubcommand add_decode(CLI::App& program, Language language) {
  auto options = std::make_shared<DecodeOptions>();
  CLI::App* command =
      add_command(program, "decode",
                  {"Say as JSON what the bytes of a message or a record batch mean",
                   "메시지나 레코드 배치의 바이트가 무슨 뜻인지 JSON으로 보여 줍니다"},
                  {"Hexadecimal digits of the body, without length and header; else from standard input",
                   "길이와 헤더를 뺀 본문의 16진수. 없으면 표준 입력에서 읽습니다"},
                  "HEX", *options, language);
  command->footer(
      Text{"Example:\n"
           "  brokerlab decode --api 3 --version 1 --kind request \"00000001 0006 6f7264657273\"",
           "예:\n"
           "  brokerlab decode --api 3 --version 1 --kind request \"00000001 0006 6f7264657273\""}
          .in(language));
  return [options, language] { return decode(*options, language); };
}

RunSubcommand add_encode(CLI::App& program, Language language) {
  auto options = std::make_shared<DecodeOptions>();
  CLI::App* command = add_command(
      program, "encode",
      {"Write a message or a record batch given as JSON as bytes",
       "JSON으로 준 메시지나 레코드 배치를 바이트로 씁니다"},
      {"As decode prints it; fields that are absent have their defaults; else from standard input",
       "decode가 보여 주는 모양. 빠진 필드는 기본값입니다. 없으면 표준 입력에서 읽습니다"},
      "JSON", *options, language);
  command
      ->add_option("--records", options->records,
                   Text{"Hexadecimal digits of records that the JSON has only the size of, in its order",
                        "JSON에는 크기만 있는 레코드의 16진수. 나오는 순서대로 씁니다"}
                       .in(language))
      ->type_name("HEX")
      ->allow_extra_args(false)
      ->take_all();
  command->footer(
      Text{"Example:\n"
           "  brokerlab encode --api 3 --version 1 --kind request '{\"topics\":[{\"name\":\"orders\"}]}'",
           "예:\n"
           "  brokerlab encode --api 3 --version 1 --kind request '{\"topics\":[{\"name\":\"orders\"}]}'"}
          .in(language));
  return [options, language] { return encode(*options, language); };
}

}  // namespace brokerlab
