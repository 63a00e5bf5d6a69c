// The table of verbs: a name, what help says of it, and how it starts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "sim/shell/shell.h"
#include "sim/tools/tool.h"

namespace brokerlab {

/// A command that takes lab time.
class Command {
 public:
  virtual ~Command() = default;
  /// Looks at what has happened; the exit status once it is done.
  virtual std::optional<int> poll(Job& job) = 0;
  virtual bool wants_standard_input() const { return false; }
  virtual void standard_input(Job&, std::string_view) {}
  virtual void end_standard_input(Job&) {}
  /// Ctrl-C; the exit status when the command ends with it.
  virtual std::optional<int> interrupt(Job&) { return exit_status::interrupted; }
  virtual Instant deadline() const { return never; }
};

/// An exit status for what is done at once, or the command that goes on.
using Started = std::variant<int, std::unique_ptr<Command>>;

struct Verb {
  std::string_view name;
  std::string_view usage;
  Text summary;  ///< one line
  Text details;  ///< what `help VERB` says below the usage
  /// Whether it acts on the lab: then it is an event of the journal, and `expect event` counts from it.
  bool acts = true;
  /// `words[0]` is the verb.
  Started (*start)(const Words& words, Job& job);
};

const Verb& docker_verb();
const Verb& producer_verb();
const Verb& consumer_verb();
const Verb& fault_verb();
const Verb& clock_verb();
const Verb& expect_verb();
const Verb& wait_verb();
const Verb& changes_verb();
const Verb& help_verb();

/// All of the above, in the order of help.
std::span<const Verb* const> all_verbs();
/// Null when there is none with that name.
const Verb* find_verb(std::string_view name);

/// Starts a tool of sim/tools as a node of the lab. `name` without .sh and folder, `words` after it.
Started start_tool(std::string_view name, const Words& arguments, Job& job);
/// "kafka-topics" for kafka-topics.sh and /opt/kafka/bin/kafka-topics.sh; empty when it is no tool.
std::string tool_name(std::string_view word);

/// `no such command "dokcer". Did you mean docker? help lists all`
std::string no_such_command(std::string_view word, Language language);
/// `fault cut|slow|heal` offers cut, slow and heal.
void offer_usage_words(const Verb& verb, const std::function<void(std::string_view)>& offer);
/// Prints the usage of a verb on standard error, and what of `words` it does not know; exit_status::usage.
int refuse_usage(const Verb& verb, const Words& words, Job& job);

}  // namespace brokerlab
