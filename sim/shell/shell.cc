#include "sim/shell/shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/base/assert.h"
#include "sim/runtime/presets.h"
#include "sim/shell/pipeline.h"
#include "sim/shell/snapshot_path.h"
#include "sim/shell/verbs/verb.h"

namespace brokerlab {

// ---- Job --------------------------------------------------------------------------------------------------

struct Job::Parts {
  std::unique_ptr<Command> command;
  std::optional<LineFilter> filter;  ///< `| grep WORD`
  std::optional<std::string> input;  ///< of `printf ... |`, until the command wants it
  bool has_pipe = false;             ///< then nobody else gives it any
};

Job::Job(Shell* shell) : shell_(shell), parts_(std::make_unique<Parts>()) {}
Job::~Job() = default;

Lab& Job::lab() const { return shell_->lab(); }
Language Job::language() const { return shell_->language(); }

std::string_view Job::piped() const {
  return parts_->input ? std::string_view(*parts_->input) : std::string_view();
}

void Job::begin(std::string_view line) {
  const Result<CommandLine> split = split_line(line, shell_->variables(), language());
  if (!split.ok()) {
    complain(split.status().message);
    return finish(exit_status::usage);
  }
  if (split->stages.empty()) return finish(exit_status::success);
  if (split->in_background)
    run_in_background(split->stages, line);
  else
    run_stages(split->stages, line);
}

void Job::run_in_background(const std::vector<Words>& stages, std::string_view line) {
  std::unique_ptr<Job> worker(new Job(shell_));
  worker->run_stages(stages, line);
  if (!worker->done()) {
    shell_->background_.push_back(std::move(worker));
    return finish(exit_status::success);
  }
  // It was nothing that takes time, or was refused: that is said at once.
  output_ = worker->take_output();
  finish(worker->status());
}

void Job::run_stages(const std::vector<Words>& stages, std::string_view line) {
  Result<Pipeline> pipeline = make_pipeline(stages, language());
  if (!pipeline.ok()) {
    complain(pipeline.status().message);
    return finish(exit_status::usage);
  }
  parts_->filter = std::move(pipeline->filter);
  parts_->has_pipe = pipeline->input.has_value();
  parts_->input = std::move(pipeline->input);

  const Words& words = pipeline->words;
  const Verb* verb = find_verb(words[0]);
  const std::string tool = verb == nullptr ? tool_name(words[0]) : std::string();
  if (verb == nullptr && tool.empty()) {
    complain(no_such_command(words[0], language()));
    return finish(exit_status::no_such_command);
  }
  if (verb == nullptr || verb->acts) {
    shell_->mark_ = lab().ring().end();
    cause_ = lab().record_command(std::string(line));
  }
  Started started = verb != nullptr ? verb->start(words, *this)
                                    : start_tool(tool, Words(words.begin() + 1, words.end()), *this);
  if (const int* status = std::get_if<int>(&started)) return finish(*status);
  parts_->command = std::move(std::get<std::unique_ptr<Command>>(started));
  poll();
}

void Job::poll() {
  if (done()) return;
  if (const std::optional<int> status = parts_->command->poll(*this)) return finish(*status);
  if (!parts_->input || !parts_->command->wants_standard_input()) return;
  standard_input(*std::exchange(parts_->input, std::nullopt));
  end_standard_input();
}

void Job::finish(int status) {
  BROKERLAB_ASSERT(!done());
  status_ = status;
  parts_->command.reset();
  if (!parts_->filter) return;
  std::string rest = parts_->filter->finish();
  if (!rest.empty()) output_.push_back({1, std::move(rest)});
  // As in a POSIX shell, a pipe's status is that of its last command.
  status_ = parts_->filter->has_matched() ? exit_status::success : exit_status::failure;
}

void Job::write(OutputChunk chunk) {
  if (chunk.stream == 1 && parts_->filter) chunk.text = parts_->filter->take(chunk.text);
  if (!chunk.text.empty()) output_.push_back(std::move(chunk));
}

std::vector<OutputChunk> Job::take_output() { return std::exchange(output_, {}); }

bool Job::wants_standard_input() const {
  return !done() && !parts_->has_pipe && parts_->command->wants_standard_input();
}
void Job::standard_input(std::string_view bytes) {
  if (!done()) parts_->command->standard_input(*this, bytes);
}
void Job::end_standard_input() {
  if (!done()) parts_->command->end_standard_input(*this);
}
void Job::interrupt() {
  if (done()) return;
  if (const std::optional<int> status = parts_->command->interrupt(*this)) finish(*status);
}
Instant Job::deadline() const { return done() ? never : parts_->command->deadline(); }

// ---- Shell ------------------------------------------------------------------------------------------------

Shell::Shell(Lab& lab, Language language) : lab_(lab), language_(language) {
  const std::string bootstrap = bootstrap_servers(lab.spec());
  variables_ = {{"BOOTSTRAP", bootstrap}, {"BOOTSTRAP_SERVERS", bootstrap}};
  size_t broker = 0;
  for (std::string_view rest = bootstrap; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    variables_[fmt::format("BROKER{}", ++broker)] = rest.substr(0, comma);
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  const LabView view = lab.view();
  const KafkaView* known = best_informed(view);
  // What a node showed last may be older than the last events, which say the rest.
  history_ = known == nullptr ? std::make_unique<ClusterHistory>() : std::make_unique<ClusterHistory>(*known);
  lab_.journal().subscribe(history_.get(), lab_.ring());
  changes_taken_ = history_->size();
}

Shell::~Shell() { lab_.journal().unsubscribe(history_.get()); }

std::unique_ptr<Job> Shell::start(std::string_view line) {
  (void)poll_background();
  std::unique_ptr<Job> job(new Job(this));
  job->begin(line);
  return job;
}

Finished Shell::run(std::string_view line, const std::function<void()>& meanwhile) {
  const std::unique_ptr<Job> job = start(line);
  Finished finished;
  const auto collect = [&] {
    for (const OutputChunk& chunk : job->take_output())
      (chunk.stream == 1 ? finished.output : finished.error) += chunk.text;
  };
  const auto look = [&] {
    if (lab_.now().monotonic >= background_deadline()) (void)poll_background();
    job->poll();
    collect();
    if (meanwhile) meanwhile();
    return job->done();
  };
  constexpr Duration limit = seconds(600);
  const Instant give_up = lab_.now().monotonic + limit;
  bool was_interrupted = false;
  while (!look()) {
    const Instant now = lab_.now().monotonic;
    if (now >= give_up && !was_interrupted) {
      was_interrupted = true;
      job->interrupt();
      continue;
    }
    // An interrupted tool ends by itself, soon.
    const Instant until =
        std::min({job->deadline(), background_deadline(), was_interrupted ? never : give_up});
    if (lab_.run_until(look, std::max(until - now, Duration{})) != WaitResult::paused) continue;
    if (look()) break;  // what was waited for was the pause
    finished.error += Text{"the clock is paused, so this cannot go on. First: clock play\n",
                           "시계가 멈춰 있어 진행할 수 없습니다. 먼저 실행하세요: clock play\n"}
                          .in(language_);
    finished.status = exit_status::failure;
    return finished;
  }
  collect();
  finished.status = job->status();
  return finished;
}

bool Shell::poll_background() {
  bool have_all_ended = true;
  for (const std::unique_ptr<Job>& job : background_) {
    job->poll();
    have_all_ended = have_all_ended && job->done();
  }
  return have_all_ended;
}

Instant Shell::background_deadline() const {
  Instant deadline = never;
  for (const std::unique_ptr<Job>& job : background_) deadline = std::min(deadline, job->deadline());
  return deadline;
}

std::vector<OutputChunk> Shell::take_background_output() {
  std::vector<OutputChunk> output;
  std::erase_if(background_, [&](const std::unique_ptr<Job>& job) {
    if (!job->done()) return false;
    for (OutputChunk& chunk : job->take_output()) output.push_back(std::move(chunk));
    return true;
  });
  return output;
}

std::vector<ClusterChange> Shell::take_changes() {
  std::vector<ClusterChange> changes = history_->since(changes_taken_);
  changes_taken_ += changes.size();
  return changes;
}

std::vector<std::string> Shell::completions(std::string_view line) {
  const size_t begin = line.find_last_of(" \t") == std::string_view::npos ? 0 : line.find_last_of(" \t") + 1;
  const std::string_view word = line.substr(begin);
  std::set<std::string> words;
  const auto offer = [&](std::string_view candidate) {
    if (candidate.starts_with(word)) words.emplace(candidate);
  };
  if (begin == 0) {
    for (const Verb* verb : all_verbs()) offer(verb->name);
    for (const std::string_view tool : all_tools()) offer(tool);
  } else {
    for (const NodeStatus& node : lab_.view().nodes) offer(node.name);
    const Verb* verb = find_verb(line.substr(0, line.find_first_of(" \t")));
    if (verb != nullptr) offer_usage_words(*verb, offer);
  }
  return {words.begin(), words.end()};
}

}  // namespace brokerlab
