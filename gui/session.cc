#include "gui/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "gui/text/phrases.h"
#include "lessons/engine/library.h"
#include "sim/shell/lab_config.h"

namespace brokerlab::gui {
namespace {

constexpr size_t terminal_lines_kept = 2000;

bool is_client(const NodeStatus& node) {
  const auto* client = node.snapshot == nullptr ? nullptr : std::get_if<ClientView>(&node.snapshot->view);
  return client != nullptr && (client->role == "producer" || client->role == "consumer");
}

bool is_broker(const NodeStatus& node) { return !node.is_transient; }

uint16_t external_port(const NodeStatus& node) {
  for (const ListenerSpec& listener : node.listeners) {
    if (listener.name == "EXTERNAL") return listener.port;
  }
  return 0;
}

/// A broker that is cut from every other one.
bool is_cut_off(const std::string& name, const LabView& view) {
  std::set<std::string> cut_from;
  for (const Fault& fault : view.faults) {
    if (fault.kind != Fault::Kind::cut) continue;
    if (fault.from == name && fault.to.empty()) return true;
    if (fault.from == name) cut_from.insert(fault.to);
    if (fault.to == name) cut_from.insert(fault.from);
  }
  return std::all_of(view.nodes.begin(), view.nodes.end(), [&](const NodeStatus& other) {
    return !is_broker(other) || other.name == name || cut_from.contains(other.name);
  });
}

/// The registration of a broker in the newest image that a running node has.
const BrokerRegistrationView* registration(const LabView& view, int32_t broker) {
  const BrokerRegistrationView* found = nullptr;
  int64_t newest = -2;
  for (const NodeStatus& node : view.nodes) {
    if (node.state != NodeState::running || node.snapshot == nullptr) continue;
    const auto* kafka = std::get_if<KafkaView>(&node.snapshot->view);
    if (kafka == nullptr || kafka->metadata_offset <= newest) continue;
    for (const BrokerRegistrationView& entry : kafka->brokers) {
      if (entry.broker != broker) continue;
      found = &entry;
      newest = kafka->metadata_offset;
    }
  }
  return found;
}

int number_of(const std::string& lesson_name) { return std::atoi(lesson_name.c_str()); }

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const SessionOptions& options) {
  LabConfig config;
  config.speed = window_speed;
  config.latency = window_latency;
  std::optional<Lesson> lesson;
  if (!options.lesson.empty()) {
    Result<Lesson> found = find_lesson(options.lesson, options.language);
    if (!found.ok()) return found.status();
    lesson = *std::move(found);
    for (const auto& [name, value] : lesson->config) {
      const Status status = config.set(name, value);
      if (!status.ok()) return status;
    }
  }
  const Driver driver = options.driver.value_or(lesson ? config.drivers.front() : Driver::live);
  Result<std::unique_ptr<Lab>> lab = make_lab(config.cluster(driver, options.port_base));
  if (!lab.ok()) return lab.status();
  return std::unique_ptr<Session>(new Session(std::move(lab).value(), std::move(lesson), options, config));
}

Session::Session(std::unique_ptr<Lab> lab, std::optional<Lesson> lesson, const SessionOptions& options,
                 const LabConfig& config)
    : lab_(std::move(lab)),
      shell_(std::make_unique<Shell>(*lab_, options.language)),
      lesson_(std::move(lesson)),
      language_(options.language),
      speed_(config.speed),
      traffic_(config.latency->base + config.latency->jitter / 2) {
  fill(0);
}

// ---- time -------------------------------------------------------------------------------------------------

void Session::advance(Duration real_time, double real_ms) {
  // Nobody waits for a virtual cluster to come up: until the set-up is done the sandbox runs ahead.
  constexpr Duration ahead = milliseconds(100);
  if (!is_prepared_ && model_.is_sandbox && !model_.clock.is_paused) {
    run_for(ahead);
  } else {
    lab_->advance(real_time);
  }
  look(real_ms);
}

void Session::run_for(Duration lab_time) {
  constexpr Duration between_looks = milliseconds(2);
  const Instant until = lab_->now().monotonic + lab_time;
  while (lab_->now().monotonic < until) {
    lab_->run_for(std::min(between_looks, until - lab_->now().monotonic));
    look(static_cast<double>(lab_->now().monotonic.nanoseconds) / 1e6);
  }
}

void Session::look(double real_ms) {
  look_at_jobs();
  if (!is_prepared_) prepare();
  if (progress_) progress_->poll();
  read_journal(real_ms);
  fill(real_ms);
}

/// Once all brokers are unfenced the lesson's set-up runs; then its first step begins.
void Session::prepare() {
  if (lesson_) {
    if (!is_cluster_ready(lab_->view())) return;
    if (!std::exchange(is_setup_begun_, true)) {
      for (const std::string& command : lesson_->setup) queue_.push_back(command);
    }
    look_at_jobs();
    if (!queue_.empty() || !jobs_.empty()) return;
    progress_ = std::make_unique<LessonProgress>(*std::move(lesson_), *lab_);
    lesson_.reset();
  }
  is_prepared_ = true;
  // Refused while an outside client is there; its reason is shown beside the slider.
  (void)lab_->set_speed(speed_);
}

bool Session::is_cluster_ready(const LabView& view) const {
  for (const NodeStatus& node : view.nodes) {
    if (!is_broker(node)) continue;
    const auto* kafka = node.snapshot == nullptr ? nullptr : std::get_if<KafkaView>(&node.snapshot->view);
    if (kafka == nullptr) return false;
    const BrokerRegistrationView* entry = registration(view, kafka->node_id);
    if (entry == nullptr || entry->fenced) return false;
  }
  return true;
}

// ---- commands ---------------------------------------------------------------------------------------------

void Session::carry_out(const Request& wanted) {
  if (const auto* command = std::get_if<request::RunCommand>(&wanted)) {
    begin(command->line);
  } else if (std::holds_alternative<request::Interrupt>(wanted)) {
    for (RunningJob& running : jobs_) running.job->interrupt();
  } else if (progress_ == nullptr) {
    return;
  } else if (const auto* answer = std::get_if<request::ChooseAnswer>(&wanted)) {
    if (progress_->is_question_open()) {
      progress_->choose(progress_->prediction().order[static_cast<size_t>(answer->choice)]);
    }
  } else if (const auto* sure = std::get_if<request::SetConfidence>(&wanted)) {
    if (progress_->is_question_open()) progress_->set_confidence(sure->confidence);
  } else if (std::holds_alternative<request::CommitPrediction>(wanted)) {
    if (progress_->is_question_open() && progress_->prediction().chosen) progress_->commit();
  } else if (std::holds_alternative<request::NextStep>(wanted)) {
    if (!progress_->is_last_step()) progress_->next();
  } else if (std::holds_alternative<request::PreviousStep>(wanted)) {
    if (progress_->step_index() > 0) progress_->back();
  } else if (std::holds_alternative<request::ShowMe>(wanted) && !progress_->is_action_locked()) {
    for (const std::string& command : progress_->step().action) queue_.push_back(command);
  }
}

void Session::begin(const std::string& line) {
  print(TerminalLine::Kind::command, line);
  RunningJob running{shell_->start(line), {}};
  take_output(running);
  if (!running.job->done()) {
    jobs_.push_back(std::move(running));
  } else if (running.job->status() != exit_status::success) {
    print(TerminalLine::Kind::note,
          Phrasebook(language_)(Phrase::exit_status, {{"status", std::to_string(running.job->status())}}));
  }
}

void Session::look_at_jobs() {
  (void)shell_->poll_background();
  for (RunningJob& running : jobs_) {
    running.job->poll();
    take_output(running);
    if (running.job->done() && running.job->status() != exit_status::success) {
      print(TerminalLine::Kind::note,
            Phrasebook(language_)(Phrase::exit_status, {{"status", std::to_string(running.job->status())}}));
    }
  }
  std::erase_if(jobs_, [](const RunningJob& running) { return running.job->done(); });
  while (jobs_.empty() && !queue_.empty()) {
    const std::string next = queue_.front();
    queue_.pop_front();
    begin(next);
  }
}

void Session::take_output(RunningJob& running) {
  for (const OutputChunk& chunk : running.job->take_output()) {
    const bool is_error = chunk.stream == 2;
    std::string& line = running.half_line[is_error ? 1 : 0];
    for (const char c : chunk.text) {
      if (c != '\n') {
        line += c;
        continue;
      }
      print(is_error ? TerminalLine::Kind::error : TerminalLine::Kind::output, std::exchange(line, {}));
    }
  }
  if (!running.job->done()) return;
  if (!running.half_line[0].empty()) print(TerminalLine::Kind::output, running.half_line[0]);
  if (!running.half_line[1].empty()) print(TerminalLine::Kind::error, running.half_line[1]);
}

void Session::print(TerminalLine::Kind kind, std::string text) {
  model_.terminal.lines.push_back({kind, std::move(text)});
  ++lines_printed_;
  if (model_.terminal.lines.size() > terminal_lines_kept) model_.terminal.lines.pop_front();
}

void Session::set_language(Language language) {
  if (language == language_) return;
  language_ = language;
  shell_->set_language(language);
  const std::string name = progress_ ? progress_->lesson().name : lesson_ ? lesson_->name : "";
  if (name.empty()) return;
  Result<Lesson> translated = find_lesson(name, language);
  BROKERLAB_ASSERT_THAT(translated.ok(), "a lesson without its other language");
  if (progress_) {
    progress_->translate(*std::move(translated));
  } else {
    lesson_ = *std::move(translated);
  }
}

// ---- the model --------------------------------------------------------------------------------------------

void Session::read_journal(double real_ms) {
  const std::vector<Event> events = lab_->ring().since(journal_read_);
  feed_.add(events, model_.events);
  traffic_.add(events, real_ms);
}

void Session::fill(double real_ms) {
  const LabView view = lab_->view();
  fill_clock(view);
  fill_nodes(view);
  fill_partitions();
  model_.quorum = quorum_of(model_.brokers);
  model_.faults = view.faults;
  std::set<NodeId> gone;
  for (const NodeModel& broker : model_.brokers) {
    if (broker.look == NodeLook::dead) gone.insert(broker.id);
  }
  model_.links = traffic_.links(gone);
  model_.messages = traffic_.messages(view.clock.now.monotonic, real_ms);
  model_.terminal.is_running = !jobs_.empty();
  fill_lesson();
}

void Session::fill_clock(const LabView& view) {
  model_.is_sandbox = view.driver == Driver::sandbox;
  model_.seed = view.seed;
  model_.clock.now = view.clock.now.monotonic;
  model_.clock.speed = static_cast<double>(view.clock.speed.hundredths) / 100;
  model_.clock.is_paused = view.clock.is_paused;
  const bool is_held = view.clock.outside_connections > 0 && !view.clock.is_forced;
  model_.clock.held_because =
      is_held ? std::string(Phrasebook(language_)(Phrase::held_at_one)) : std::string();
}

NodeLook Session::look_of(const NodeStatus& node, const LabView& view) const {
  switch (node.state) {
    case NodeState::stopped:
    case NodeState::killed:
      return NodeLook::dead;
    case NodeState::paused:
      return NodeLook::paused;
    case NodeState::stopping:
      return NodeLook::stopping;
    case NodeState::starting:
      return NodeLook::starting;
    case NodeState::running:
      break;
  }
  if (!is_broker(node)) return NodeLook::alive;
  if (is_cut_off(node.name, view)) return NodeLook::cut_off;
  const auto* kafka = node.snapshot == nullptr ? nullptr : std::get_if<KafkaView>(&node.snapshot->view);
  if (kafka == nullptr || kafka->state == "starting" || kafka->state == "recovering")
    return NodeLook::starting;
  if (kafka->state == "stopping") return NodeLook::stopping;
  const BrokerRegistrationView* entry = registration(view, kafka->node_id);
  return entry != nullptr && entry->fenced ? NodeLook::fenced : NodeLook::alive;
}

void Session::fill_nodes(const LabView& view) {
  model_.brokers.clear();
  model_.clients.clear();
  for (const NodeStatus& node : view.nodes) {
    model_.names[node.id] = node.name;
    if (!is_broker(node) && !is_client(node)) continue;
    NodeModel shown;
    shown.id = node.id;
    shown.name = node.name;
    shown.port = external_port(node);
    if (node.snapshot != nullptr) shown.view = node.snapshot->view;
    shown.look = look_of(node, view);
    auto& [look, since] = looks_.try_emplace(node.id, shown.look, Instant{}).first->second;
    if (look != shown.look) {
      look = shown.look;
      since = view.clock.now.monotonic;
    }
    shown.changed_at = since;
    (is_broker(node) ? model_.brokers : model_.clients).push_back(std::move(shown));
  }
  std::stable_sort(model_.clients.begin(), model_.clients.end(), [](const NodeModel& a, const NodeModel& b) {
    return a.client()->role == "producer" && b.client()->role != "producer";
  });
}

void Session::fill_partitions() {
  model_.partitions = partitions_of(model_.brokers, model_.hidden_partitions);
  for (PartitionModel& partition : model_.partitions) {
    partition.led_since = feed_.led_since({partition.topic, partition.partition});
    for (ReplicaModel& cell : partition.cells) {
      ReplicaModel& known = last_known_[{cell.broker, partition.name()}];
      if (cell.log_end_offset >= 0) {
        known = cell;
      } else if (cell.state == ReplicaState::offline) {
        cell.high_watermark = known.high_watermark;
        cell.log_end_offset = known.log_end_offset;
      }
    }
  }
}

void Session::fill_lesson() {
  if (progress_ == nullptr) {
    // The set-up still runs: the lesson shows its title and says what it is about.
    model_.lesson.reset();
    if (!lesson_) return;
    model_.lesson.emplace();
    model_.lesson->number = number_of(lesson_->name);
    model_.lesson->title = lesson_->title;
    model_.lesson->steps = static_cast<int>(lesson_->steps.size());
    model_.lesson->text = lesson_->introduction;
    return;
  }
  const LessonProgress& progress = *progress_;
  const LessonStep& step = progress.step();
  LessonModel model;
  model.number = number_of(progress.lesson().name);
  model.title = progress.lesson().title;
  model.step = static_cast<int>(progress.step_index());
  model.steps = static_cast<int>(progress.lesson().steps.size());
  model.can_go_on = progress.is_step_complete();
  model.is_last = progress.is_last_step();
  for (size_t i = 0; i < progress.step_index(); ++i)
    model.done_steps.push_back(progress.lesson().steps[i].title);
  model.step_title = step.title;
  model.text = progress.text();
  if (progress.step_index() == 0) {
    model.text.insert(model.text.begin(), progress.lesson().introduction.begin(),
                      progress.lesson().introduction.end());
  }
  if (!step.action.empty()) {
    model.action = ActionModel{step.action, progress.is_action_locked(),
                               progress.is_step_complete() || !jobs_.empty() || !queue_.empty()};
  }
  model.checks = progress.checks();
  model.explanation = progress.explanation();
  model.hint = step.hint;
  model.spotlight = step.spotlight;
  for (size_t i = 0; i < progress.lesson().steps.size(); ++i) {
    const PredictionState* prediction = progress.prediction_of(i);
    if (prediction == nullptr || !prediction->is_settled || !prediction->chosen) continue;
    ++model.predictions;
    if (prediction->was_right()) ++model.right;
  }
  fill_question(model);
  model_.lesson = std::move(model);
}

void Session::fill_question(LessonModel& model) {
  const LessonProgress& progress = *progress_;
  const LessonQuestion* question = progress.question();
  if (question == nullptr) return;
  const PredictionState& answer = progress.prediction();
  if (progress.step().kind != LessonStep::Kind::compare) {
    PredictionModel prediction;
    prediction.question = question->words;
    for (size_t i = 0; i < answer.order.size(); ++i) {
      prediction.choices.push_back(question->choices[answer.order[i]].words);
      if (answer.chosen == answer.order[i]) prediction.chosen = static_cast<int>(i);
    }
    prediction.confidence = answer.confidence;
    prediction.is_committed = answer.is_committed;
    model.prediction = std::move(prediction);
    return;
  }
  if (!answer.chosen) return;
  ComparisonModel comparison;
  comparison.about = question->words;
  comparison.mine = question->choices[*answer.chosen].words;
  comparison.confidence = answer.confidence;
  if (answer.answer) comparison.actual = question->choices[*answer.answer].words;
  comparison.is_settled = answer.is_settled;
  comparison.is_equal = answer.was_right();
  if (!model.checks.empty() && model.checks.front().state == CheckState::State::passed) {
    comparison.after = model.checks.front().took;
  }
  model.comparison = std::move(comparison);
}

}  // namespace brokerlab::gui
