// One lab as the window needs it: cluster, shell with its jobs, lesson, and the model that the panels draw.
//
// Everything runs on the thread that draws. The window asks and never waits: jobs and lesson are looked at once
// a frame. What a button does is a command of the shell; the terminal shows it as if it had been typed.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gui/event_feed.h"
#include "gui/requests.h"
#include "gui/traffic.h"
#include "lessons/engine/progress.h"
#include "sim/runtime/cluster.h"
#include "sim/shell/lab_config.h"
#include "sim/shell/shell.h"

namespace brokerlab::gui {

struct SessionOptions {
  std::string lesson = "1";      ///< as find_lesson takes it; empty: none
  std::optional<Driver> driver;  ///< nothing: the lesson's first
  int port_base = 9092;          ///< live: EXTERNAL ports from here
  Language language = Language::english;
};

/// How long a frame travels in the window, unless the lesson says otherwise: long enough to be seen in slow
/// motion. Headless plays take the driver's own.
inline constexpr LatencyModel window_latency{milliseconds(20), milliseconds(8)};
/// Lab time beside real time when a lesson does not say.
inline constexpr Speed window_speed{10};

class Session {
 public:
  /// Makes the lesson's cluster and begins its set-up. Errors in words for the learner.
  static Result<std::unique_ptr<Session>> open(const SessionOptions& options);

  /// Real time went by: the sandbox runs on, then everything is looked at and the model filled.
  void advance(Duration real_time, double real_ms);
  /// The same by lab time, for pictures. REQUIRES: the sandbox.
  void run_for(Duration lab_time);
  void carry_out(const Request& request);
  /// A command as if it had been typed.
  void run(const std::string& line) { carry_out(request::RunCommand{line}); }
  void set_language(Language language);

  const WindowModel& model() const { return model_; }
  std::vector<std::string> completions(std::string_view line) { return shell_->completions(line); }
  /// Grows with everything that the model shows anew.
  uint64_t changes() const { return journal_read_ + lines_printed_; }
  /// The cluster is ready, the set-up is done, and no command runs.
  bool is_idle() const { return queue_.empty() && jobs_.empty() && is_prepared_; }
  Lab& lab() { return *lab_; }
  LessonProgress* lesson() { return progress_.get(); }

 private:
  struct RunningJob {
    std::unique_ptr<Job> job;
    std::string half_line[2];  // output and error that have no end of line yet
  };

  Session(std::unique_ptr<Lab> lab, std::optional<Lesson> lesson, const SessionOptions& options,
          const LabConfig& config);
  void look(double real_ms);
  void look_at_jobs();
  void begin(const std::string& line);
  void take_output(RunningJob& running);
  void print(TerminalLine::Kind kind, std::string text);
  void prepare();
  bool is_cluster_ready(const LabView& view) const;
  void read_journal(double real_ms);
  void fill(double real_ms);
  void fill_nodes(const LabView& view);
  void fill_partitions();
  void fill_clock(const LabView& view);
  void fill_lesson();
  void fill_question(LessonModel& model);
  NodeLook look_of(const NodeStatus& node, const LabView& view) const;

  std::unique_ptr<Lab> lab_;
  std::unique_ptr<Shell> shell_;
  std::unique_ptr<LessonProgress> progress_;
  std::optional<Lesson> lesson_;  // until the set-up is done and the progress takes it over
  Language language_;
  Speed speed_;                    // once the set-up is done
  std::deque<std::string> queue_;  // each waits for the one before it: set-up, "show me"
  std::vector<RunningJob> jobs_;
  bool is_setup_begun_ = false;
  bool is_prepared_ = false;
  uint64_t journal_read_ = 0;
  uint64_t lines_printed_ = 0;
  EventFeed feed_;
  Traffic traffic_;
  std::map<NodeId, std::pair<NodeLook, Instant>> looks_;
  /// What each replica last said: a broker that ends forgets its own.
  std::map<std::pair<int32_t, std::string>, ReplicaModel> last_known_;
  WindowModel model_;
};

}  // namespace brokerlab::gui
