// `brokerlab replay FILE`: plays a recording of `up --record` again, and compares the journal.
#include "sim/runtime/replay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <span>
#include <system_error>
#include <utility>

#include "gui/program/describe.h"
#include "gui/program/options.h"
#include "gui/program/subcommands.h"
#include "sim/shell/recipes.h"
#include "sim/shell/shell.h"

namespace brokerlab {

namespace {

struct ReplayOptions {
  std::string file;
  DescribeOptions describe;
};

/// A file as memory, read as it is looked at.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (file < 0 || ::fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
      const int error = file < 0 ? errno : S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
      if (file >= 0) ::close(file);
      const std::string reason = path + ": " + std::generic_category().message(error);
      return Status::error(StatusCode::io_error, reason);
    }
    MappedFile mapped;
    mapped.size_ = static_cast<size_t>(info.st_size);
    if (mapped.size_ > 0) mapped.bytes_ = ::mmap(nullptr, mapped.size_, PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (mapped.bytes_ == MAP_FAILED) {
      mapped.bytes_ = nullptr;
      return Status::error(StatusCode::io_error, path + ": " + std::generic_category().message(errno));
    }
    return mapped;
  }
  MappedFile(MappedFile&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile() {
    if (bytes_ != nullptr) ::munmap(bytes_, size_);
  }
  std::span<const uint8_t> bytes() const { return {static_cast<const uint8_t*>(bytes_), size_}; }

 private:
  MappedFile() = default;
  void* bytes_ = nullptr;
  size_t size_ = 0;
};

int tell_difference(const ReplayDifference& difference, Language language) {
  const int64_t us = difference.at.nanoseconds / 1'000;
  const std::string at = fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
  const Text text{
      fmt::format(
          "the journals differ: {} after its event {}, seen at {} s ({}). What it made here since then:",
          difference.node, difference.after_event, at, difference.input),
      fmt::format(
          "저널이 다릅니다: 노드 {}, 이벤트 {} 이후. {}초에 드러났습니다({}). 재생에서 그 뒤에 나온 이벤트:",
          difference.node, difference.after_event, at, difference.input)};
  complain(text, language, exit_status::failure);
  for (const std::string& event : difference.made) fmt::print(stderr, "  {}\n", event);
  return exit_status::failure;
}

int replay(const ReplayOptions& options, Language language) {
  const Result<std::optional<Instant>> until = options.describe.instant(language);
  if (!until.ok()) return complain(until.status().message, exit_status::usage);
  if (options.describe.as_json && !options.describe.describes)
    return complain({"--json needs --describe", "--json은 --describe와 함께 쓰세요"}, language,
                    exit_status::usage);
  const Result<MappedFile> file = MappedFile::open(options.file);
  if (!file.ok()) return complain(text_of(file.status()), language, exit_status::usage);
  const auto refuse = [&](const Status& status) {
    const Text text = text_of(status);
    return complain({options.file + ": " + text.english, options.file + ": " + text.korean}, language,
                    exit_status::failure);
  };
  const auto began = std::chrono::steady_clock::now();
  Result<std::unique_ptr<Replay>> opened = Replay::open(file->bytes(), replay_makers());
  if (!opened.ok()) return refuse(opened.status());
  Replay& replay = **opened;
  const Result<Replay::Outcome> outcome = replay.play(until->value_or(never));
  if (!outcome.ok()) return refuse(outcome.status());
  if (*outcome == Replay::Outcome::different) return tell_difference(*replay.difference(), language);

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  options.describe.print(replay.view(), language);
  if (!options.describe.as_json) {
    if (options.describe.describes) fmt::print("\n");
    const double lab_seconds = static_cast<double>((replay.now() - Instant{}).milliseconds()) / 1000;
    fmt::print("replayed {:.3f} s in {:.3f} s\n", lab_seconds, took.count());
    fmt::print("events {}\n", replay.events());
    fmt::print("hash {}\n", replay.hash());
    if (*outcome == Replay::Outcome::same)
      fmt::print("{}\n", Text{"the journal is the recorded one", "저널이 기록과 같습니다"}.in(language));
  }
  if (*outcome == Replay::Outcome::same && *until)
    return complain({fmt::format("{}: the session ended before {}", options.file, options.describe.until),
                     fmt::format("{}: {} 전에 끝난 세션입니다", options.file, options.describe.until)},
                    language, exit_status::success);
  if (*outcome != Replay::Outcome::cut_off) return exit_status::success;
  const Text text{
      fmt::format("{}: the recording has no end (the program was killed, or its disk was full). No "
                  "difference up to its last whole block",
                  options.file),
      fmt::format("{}: 기록이 끝맺어지지 않았습니다(프로그램이 강제 종료되었거나 디스크가 가득 찼습니다). "
                  "온전한 마지막 블록까지는 차이가 없습니다",
                  options.file)};
  return complain(text, language, exit_status::success);
}

}  // namespace

RunSubcommand add_replay(CLI::App& program, Language language) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = program.add_subcommand(
      "replay", Text{"Play a recorded session (up --record) again, to the same journal",
                     "기록한 세션(up --record)을 같은 저널이 나오도록 다시 실행합니다"}
                    .in(language));
  command->add_option("FILE", options->file, Text{"The recording", "기록 파일"}.in(language))
      ->required()
      ->type_name("");
  options->describe.add_to(*command, language);
  command->footer(Text{
      "The nodes run again, on one thread and disks in memory; only what came from outside is taken from "
      "the\n"
      "recording. Where their journal differs from the recorded one, it says where, and exits 1.",
      "노드를 스레드 하나와 메모리 디스크에서 실제로 다시 실행합니다. 기록에서 가져오는 것은 밖에서 들어온\n"
      "것뿐입니다. 저널이 기록과 달라지면 처음 달라진 곳을 알리고 종료 코드 1로 끝납니다."}
                      .in(language));
  return [options, language] { return replay(*options, language); };
}

}  // namespace brokerlab
