# Reads feeds with a library of Ruby, and prints what it found as JSON: read_ruby.rb LIBRARY URL...
# The fields are those of read_python.py.
require "json"
require "open-uri"

library, *urls = ARGV

def with_ruby_feedparser(text)
  require "feedparser"
  feed = FeedParser::Feed.new(text)
  entries = feed.items.map do |item|
    { title: item.title, link: item.link, date: item.date, author: item.creator,
      categories: item.categories, content: item.content }
  end
  { entries: entries }
end

def with_ruby_rss(text)
  require "rss"
  feed = RSS::Parser.parse(text, true)
  if feed.is_a?(RSS::Atom::Feed)
    entries = feed.entries.map do |entry|
      { title: entry.title.content, link: entry.links.map(&:href),
        date: entry.published&.content, authors: entry.authors.map { |a| a.name.content },
        categories: entry.categories.map { |each| [each.term, each.label] },
        content: entry.content&.content }
    end
    { language: feed.lang, entries: entries }
  else
    entries = feed.items.map do |item|
      { title: item.title, link: item.link, date: item.pubDate,
        authors: item.dc_creators.map(&:content),
        categories: item.categories.map(&:content), content: item.content_encoded }
    end
    { language: feed.channel.language, entries: entries }
  end
end

found = urls.map do |url|
  text = URI.parse(url).open.read.force_encoding("UTF-8")
  result = library == "ruby-feedparser" ? with_ruby_feedparser(text) : with_ruby_rss(text)
  result[:entries].each { |entry| entry[:date] = entry[:date]&.strftime("%FT%T.%L%:z") }
  result
rescue StandardError => error
  { error: "#{error.class}: #{error.message}".lines.first.strip[0, 200] }
end
puts JSON.generate(found)
