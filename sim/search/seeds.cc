#include "sim/search/seeds.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <new>
#include <optional>

#include "sim/base/assert.h"

namespace brokerlab {

namespace {

using RealClock = std::chrono::steady_clock;

/// A run takes some tens of megabytes. One that grows for ever is a result, and must not take the machine with it.
constexpr rlim_t most_memory_bytes = rlim_t{2} << 30;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool reserves_address_space = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool reserves_address_space = true;
#else
constexpr bool reserves_address_space = false;
#endif
#else
constexpr bool reserves_address_space = false;
#endif

/// Of this process, from now on. Sanitizers reserve more than that for themselves.
void limit_memory() {
  if (reserves_address_space) return;
  const rlimit limit{most_memory_bytes, most_memory_bytes};
  (void)setrlimit(RLIMIT_AS, &limit);
  std::set_new_handler([] {
    constexpr std::string_view text = "it needs more than 2 GiB of memory\n";
    (void)!write(STDERR_FILENO, text.data(), text.size());
    _exit(1);
  });
}

/// A forked process that writes lines; what it says on standard error is kept for the case that it crashes.
class Child {
 public:
  explicit Child(const std::function<void(const std::function<void(const std::string&)>&)>& work)
      : errors_(std::tmpfile()) {
    int ends[2];
    BROKERLAB_ASSERT(errors_ != nullptr && pipe(ends) == 0);
    std::fflush(nullptr);
    pid_ = fork();
    BROKERLAB_ASSERT(pid_ >= 0);
    if (pid_ == 0) {
      close(ends[0]);
      dup2(fileno(errors_), STDERR_FILENO);
      limit_memory();
      work([&](const std::string& line) { write_all(ends[1], line + "\n"); });
      _exit(0);
    }
    close(ends[1]);
    from_child_ = ends[0];
    fcntl(from_child_, F_SETFL, O_NONBLOCK);
  }
  ~Child() {
    if (!has_ended_) kill();
    close(from_child_);
    std::fclose(errors_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int descriptor() const { return from_child_; }
  /// The lines that have come; `has_ended` afterwards when there will be no more.
  std::vector<std::string> read_lines() {
    char bytes[64 << 10];
    ssize_t count = 0;
    while ((count = read(from_child_, bytes, sizeof bytes)) > 0)
      unread_.append(bytes, static_cast<size_t>(count));
    if (count == 0) reap();
    std::vector<std::string> lines;
    for (size_t end; (end = unread_.find('\n')) != std::string::npos; unread_.erase(0, end + 1))
      lines.push_back(unread_.substr(0, end));
    return lines;
  }
  bool has_ended() const { return has_ended_; }
  bool has_crashed() const { return has_ended_ && status_ != 0; }
  void kill() {
    ::kill(pid_, SIGKILL);
    reap();
  }
  /// Of what it said on standard error, the first line that is not blank.
  std::string complaint() const {
    std::rewind(errors_);
    char bytes[16 << 10];
    const std::string text(bytes, std::fread(bytes, 1, sizeof bytes, errors_));
    const size_t begin = text.find_first_not_of("\n ");
    if (begin != std::string::npos) return text.substr(begin, text.find('\n', begin) - begin);
    return WIFSIGNALED(status_) ? fmt::format("ended by signal {}", WTERMSIG(status_))
                                : fmt::format("ended with exit {}", WEXITSTATUS(status_));
  }

 private:
  static void write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor, bytes.data(), bytes.size());
      if (written <= 0) _exit(1);  // nobody reads any more
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }
  void reap() {
    if (has_ended_) return;
    while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    has_ended_ = true;
  }

  FILE* errors_;
  pid_t pid_ = -1;
  int from_child_ = -1;
  std::string unread_;
  bool has_ended_ = false;
  int status_ = 0;
};

void wait_for(const std::vector<const Child*>& children) {
  constexpr int at_most_ms = 200;
  std::vector<pollfd> waiting;
  for (const Child* child : children) waiting.push_back({child->descriptor(), POLLIN, 0});
  (void)::poll(waiting.data(), waiting.size(), at_most_ms);
}

constexpr std::string_view begin_word = "begin ";

/// A child with some seeds to play.
class Worker {
 public:
  Worker(SeedRange seeds, const SearchOptions& options)
      : seeds_(seeds), next_(seeds.first), child_([seeds, &options](const auto& say) {
          for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
            say(fmt::format("{}{}", begin_word, seed));
            say(to_json(run_plan(make_plan(seed, options.plan))));
          }
        }) {}

  const Child& child() const { return child_; }
  /// Results that have come; a crash or a hang is one, and the end of this worker.
  std::vector<RunResult> take_results(int64_t hangs_after_s) {
    std::vector<RunResult> results;
    for (const std::string& line : child_.read_lines()) {
      began_at_ = RealClock::now();
      if (line.starts_with(begin_word)) continue;
      Result<RunResult> result = run_result_of_json(line);
      BROKERLAB_ASSERT_THAT(result.ok(), line);
      results.push_back(std::move(*result));
      ++next_;
    }
    if (!child_.has_ended() && RealClock::now() - began_at_ > std::chrono::seconds(hangs_after_s)) {
      child_.kill();
      results.push_back(failed(checker_hang, fmt::format("still running after {} s", hangs_after_s)));
    } else if (child_.has_crashed()) {
      results.push_back(failed(checker_crash, child_.complaint()));
    }
    return results;
  }
  bool has_ended() const { return child_.has_ended(); }
  /// What it had not played when it ended.
  std::optional<SeedRange> rest() const {
    if (next_ > seeds_.last) return std::nullopt;
    return SeedRange{next_, seeds_.last};
  }

 private:
  RunResult failed(std::string_view checker, std::string message) {
    RunResult result;
    result.seed = next_++;
    result.violations.push_back({std::string(checker), Instant{}, std::move(message), {}});
    return result;
  }

  SeedRange seeds_;
  uint64_t next_;
  RealClock::time_point began_at_ = RealClock::now();
  Child child_;
};

void add(SearchSummary& summary, RunResult result) {
  ++summary.seeds;
  summary.simulated = summary.simulated + result.simulated;
  summary.events += result.events;
  for (const auto& [kind, times] : result.faults) summary.faults[kind] += times;
  for (const auto& [reason, times] : result.excuses) summary.excuses[reason] += times;
  summary.hash_of_last = result.hash;
  if (!result.violations.empty()) summary.failures.push_back(std::move(result));
}

}  // namespace

Result<SeedRange> parse_seeds(std::string_view text) {
  const size_t dots = text.find("..");
  const auto number = [](std::string_view digits, uint64_t& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  SeedRange range;
  const bool is_good = dots == std::string_view::npos ? number(text, range.first) && number(text, range.last)
                                                      : number(text.substr(0, dots), range.first) &&
                                                            number(text.substr(dots + 2), range.last);
  if (!is_good || range.last < range.first || range.last == UINT64_MAX)
    return Status::error(StatusCode::invalid, fmt::format("seeds are 1..2000 or 7, not {}", text),
                         fmt::format("시드는 1..2000 또는 7처럼 씁니다 (입력: {})", text));
  return range;
}

SearchSummary search(const SearchOptions& options,
                     const std::function<void(const SearchSummary&)>& meanwhile) {
  constexpr uint64_t most_in_a_batch = 16;
  const auto began = RealClock::now();
  SearchSummary summary;
  std::deque<SeedRange> waiting{options.seeds};
  std::vector<std::unique_ptr<Worker>> workers;
  while (!waiting.empty() || !workers.empty()) {
    while (!waiting.empty() && workers.size() < static_cast<size_t>(options.jobs)) {
      SeedRange& range = waiting.front();
      // Small batches at the end, so that all jobs end at the same time.
      const uint64_t fair = range.size() / static_cast<uint64_t>(options.jobs) / 2 + 1;
      const SeedRange batch{range.first, range.first + std::min({fair, most_in_a_batch, range.size()}) - 1};
      workers.push_back(std::make_unique<Worker>(batch, options));
      range.first = batch.last + 1;
      if (range.first > range.last) waiting.pop_front();
    }
    std::vector<const Child*> children;
    for (const auto& worker : workers) children.push_back(&worker->child());
    wait_for(children);
    for (const auto& worker : workers) {
      for (RunResult& result : worker->take_results(options.hangs_after_s)) add(summary, std::move(result));
      if (worker->has_ended() && worker->rest()) waiting.push_front(*worker->rest());
    }
    std::erase_if(workers, [](const auto& worker) { return worker->has_ended(); });
    summary.wall_s = std::chrono::duration<double>(RealClock::now() - began).count();
    if (meanwhile) meanwhile(summary);
  }
  std::ranges::sort(summary.failures, {}, &RunResult::seed);
  return summary;
}

std::vector<FoundViolation> play_in_child(const Plan& plan) {
  Child child([&](const auto& say) { say(to_json(run_plan(plan))); });
  const auto began = RealClock::now();
  constexpr auto limit = std::chrono::seconds(120);
  std::vector<FoundViolation> violations;
  while (!child.has_ended()) {
    wait_for({&child});
    for (const std::string& line : child.read_lines())
      if (const Result<RunResult> result = run_result_of_json(line); result.ok())
        violations = result->violations;
    if (RealClock::now() - began < limit || child.has_ended()) continue;
    child.kill();
    return {{std::string(checker_hang), Instant{}, "it does not end", {}}};
  }
  if (child.has_crashed()) return {{std::string(checker_crash), Instant{}, child.complaint(), {}}};
  return violations;
}

}  // namespace brokerlab
