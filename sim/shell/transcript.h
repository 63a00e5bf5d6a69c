// Transcripts: the one text format of scenarios, recordings of tools, and what `brokerlab run` compares.
//
//   # a comment
//   driver: sandbox live          header: `name: value` lines of lab_config.h, before the first command
//
//   $ docker stop kafka2          a command; a line that ends in \ goes on in the next
//   kafka2                        its standard output
//   2> a line                     its standard error (the order of the two streams is not kept)
//   [no newline]                  the output ended without one
//   [exit 0]                      its exit status ends the block
//
// A placeholder <Name> stands for what differs from run to run: <Timestamp> for a date or a number of
// milliseconds, any other for one word. Blanks behind it match any number of blanks, because tables are padded
// to what they hold.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/result.h"

namespace brokerlab {

struct TranscriptBlock {
  int line = 0;                     ///< of its `$`, from 1
  std::vector<std::string> before;  ///< comments and blank lines in front of it, as they stand
  std::string command;
  std::vector<std::string> output;  ///< standard output, [no newline] and 2> lines, as they stand
  int status = 0;
};

struct Transcript {
  std::vector<std::string> head;                            ///< all before the first block's blank line
  std::vector<std::pair<std::string, std::string>> config;  ///< out of the head
  std::vector<TranscriptBlock> blocks;
  std::vector<std::string> tail;
};

/// Errors name the line.
Result<Transcript> parse_transcript(std::string_view text);
std::string to_string(const Transcript& transcript);

/// The lines of a block for what a command wrote.
std::vector<std::string> output_lines(std::string_view output, std::string_view error);

/// Whether `actual` is the line that `expected` describes.
bool line_matches(std::string_view expected, std::string_view actual);

/// Lines of a difference, each with "  ", "- " (expected) or "+ " (came) in front; empty when all match.
std::vector<std::string> difference(const std::vector<std::string>& expected,
                                    const std::vector<std::string>& actual);

/// `actual`, but lines that match `expected` ones stay as those stand, with their placeholders, and ids of
/// topics and clusters become placeholders.
std::vector<std::string> rewritten(const std::vector<std::string>& expected,
                                   const std::vector<std::string>& actual);

}  // namespace brokerlab
