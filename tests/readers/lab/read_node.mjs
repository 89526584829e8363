// Reads feeds with a library of npm, and prints what it found as JSON: read_node.mjs LIBRARY URL...
// The fields are those of read_python.py.
import { Readable } from "node:stream";

const [library, ...urls] = process.argv.slice(2);
const load = async (name) => {
  const module = await import(name);
  return module.default ?? module;
};
const text = async (url) => (await fetch(url)).text();
const list = (value) => (value === undefined || value === null ? [] : [value].flat());

const READ = {
  "rss-parser": async (url) => {
    const Parser = await load("rss-parser");
    const feed = await new Parser().parseURL(url);
    return {
      language: feed.language,
      entries: feed.items.map((item) => ({
        title: item.title,
        link: item.link,
        date: item.isoDate,
        author: item.creator ?? item.author,
        categories: list(item.categories).map((each) => each._ ?? each),
        content: item["content:encoded"] ?? item.content,
      })),
    };
  },
  feedparser: async (url) => {
    const FeedParser = await load("feedparser");
    const parser = Readable.from([await text(url)]).pipe(new FeedParser());
    const entries = [];
    for await (const item of parser) {
      entries.push({
        title: item.title,
        link: item.link,
        date: item.pubdate ?? item.date,
        author: item.author,
        categories: item.categories,
        content: item.description,
      });
    }
    return { language: parser.meta?.language, entries };
  },
  feedsmith: async (url) => {
    const { parseFeed } = await import("feedsmith");
    const { format, feed } = parseFeed(await text(url));
    return {
      language: feed.language ?? feed.xml?.lang,
      entries: (feed.entries ?? feed.items).map((item) => ({
        title: item.title?.value ?? item.title,
        link: item.link ?? item.url ?? item.links.map((link) => link.href),
        date: item.published ?? item.pubDate ?? item.date_published,
        authors: list(item.dc?.creators ?? item.authors).map((each) => each.name ?? each),
        categories: list(item.categories ?? item.tags).map((each) =>
          format === "atom" ? [each.term, each.label] : (each.name ?? each),
        ),
        language: item.xml?.lang ?? item.language,
        content: item.content?.value ?? item.content?.encoded ?? item.content_html ?? item.content_text,
      })),
    };
  },
  "@extractus/feed-extractor": async (url) => {
    const { extractFromJson, extractFromXml } = await import("@extractus/feed-extractor");
    const found = await text(url);
    return normal(url.endsWith(".json") ? extractFromJson(JSON.parse(found)) : extractFromXml(found));
  },
  "feed-reader": async (url) => normal(await (await import("feed-reader")).read(url)),
  "@rowanmanning/feed-parser": async (url) => {
    const { parseFeed } = await import("@rowanmanning/feed-parser");
    const feed = parseFeed(await text(url)).toJSON();
    return {
      language: feed.language,
      entries: feed.items.map((item) => ({
        title: item.title,
        link: item.url,
        date: item.published ?? item.updated,
        authors: item.authors.map((author) => author.name),
        categories: item.categories.map((each) => [each.term, each.label]),
        content: item.content,
      })),
    };
  },
  feedme: async (url) => {
    const FeedMe = await load("feedme");
    const parser = new FeedMe(true);
    const done = new Promise((resolve, reject) => {
      parser.on("finish", resolve);
      parser.on("error", reject);
    });
    parser.end(await text(url));
    await done;
    const feed = parser.done();
    const name = (author) => author.name ?? author;
    return {
      language: feed.language?.text ?? feed.language ?? feed["xml:lang"],
      entries: feed.items.map((item) => ({
        title: item.title?.text ?? item.title,
        link: item.url ?? (item.link?.href ? item.link.href : list(item.link).map((l) => l.href ?? l)),
        date: item.published ?? item.pubdate ?? item.date_published,
        authors: list(item["dc:creator"] ?? item.author ?? item.authors).map(name),
        categories: list(item.category ?? item.tags).map((each) =>
          each.term ? [each.term, each.label] : (each.text ?? each),
        ),
        language: item["xml:lang"] ?? item.language,
        content: item.content ?? item["content:encoded"] ?? item.content_html ?? item.content_text,
      })),
    };
  },
  htmlparser2: async (url) => {
    const { parseFeed } = await import("htmlparser2");
    const feed = parseFeed(await text(url));
    if (!feed) throw new Error("not a feed");
    return {
      entries: feed.items.map((item) => ({
        title: item.title,
        link: item.link,
        date: item.pubDate,
        content: item.description,
      })),
    };
  },
  "rss-to-json": async (url) => {
    const { parse } = await load("rss-to-json");
    return {
      entries: (await parse(url)).items.map((item) => ({
        title: item.title,
        link: list(item.link).map((link) => link.href ?? link),
        date: new Date(item.published),
        authors: list(item.author),
        categories: list(item.category).map((each) =>
          each.term ? [each.term, each.label] : (each.$text ?? each),
        ),
        content: item.content,
      })),
    };
  },
  "react-native-rss-parser": async (url) => {
    const feed = await (await load("react-native-rss-parser")).parse(await text(url));
    return {
      language: feed.language,
      entries: feed.items.map((item) => ({
        title: item.title,
        link: item.links.map((link) => link.url),
        date: item.published,
        authors: item.authors.map((author) => author.name),
        categories: item.categories.map((each) => each.name),
        content: item.content,
      })),
    };
  },
  "rss-parser-browser": async (url) => {
    const Parser = await load("rss-parser-browser");
    const found = await text(url);
    const { feed } = await new Promise((resolve, reject) =>
      Parser.parseString(found, (error, parsed) => (error ? reject(error) : resolve(parsed))),
    );
    return {
      entries: feed.entries.map((item) => ({
        title: item.title,
        link: item.link,
        date: item.isoDate ?? item.pubDate,
        author: item.creator ?? item.author,
        categories: list(item.categories).map((each) => each._ ?? each),
        content: item["content:encoded"] ?? item.content,
      })),
    };
  },
  "feed-read": async (url) => {
    const read = await load("feed-read");
    const entries = await new Promise((resolve, reject) =>
      read(url, (error, articles) => (error ? reject(error) : resolve(articles))),
    );
    return {
      entries: entries.map((item) => ({
        title: item.title,
        link: item.link,
        date: item.published,
        author: item.author,
        content: item.content,
      })),
    };
  },
  podparse: async (url) => {
    const feed = (await load("podparse"))(await text(url));
    return {
      language: feed.meta.language,
      entries: feed.episodes.map((item) => ({
        title: item.title,
        link: item.link,
        date: item.pubDate,
        author: item.author,
        categories: item.category,
        content: item.description,
      })),
    };
  },
  "fast-xml-parser": async (url) => {
    if (url.endsWith(".json")) throw new Error("XML only");
    const { XMLParser } = await import("fast-xml-parser");
    const options = { ignoreAttributes: false, attributeNamePrefix: "" };
    const { feed, rss } = new XMLParser(options).parse(await text(url));
    const entries = feed?.entry ?? rss.channel.item;
    return {
      language: feed?.["xml:lang"] ?? rss.channel.language,
      entries: list(entries).map((item) => ({
        title: item.title?.["#text"] ?? item.title,
        link: list(item.link).map((link) => link.href ?? link),
        date: item.published ?? item.pubDate,
        authors: list(item["dc:creator"] ?? item.author).map((each) => each.name ?? each),
        categories: list(item.category).map((each) =>
          each.term ? [each.term, each.label] : (each["#text"] ?? each),
        ),
        language: item["xml:lang"],
        content: item.content?.["#text"] ?? item["content:encoded"],
      })),
    };
  },
  "rss-feed-emitter": async (url) => {
    const Emitter = await load("rss-feed-emitter");
    const emitter = new Emitter({ skipFirstLoad: false });
    const entries = [];
    await new Promise((resolve, reject) => {
      const settle = () => setTimeout(resolve, 300);
      emitter.on("error", reject);
      emitter.on("new-item", (item) => {
        if (entries.length === 0) settle();
        entries.push({
          title: item.title,
          link: item.link,
          date: item.date,
          author: item.author,
          categories: item.categories,
          content: item.description,
        });
      });
      emitter.add({ url, refresh: 600_000 });
    });
    emitter.destroy();
    return { entries };
  },
};

function normal(feed) {
  return {
    language: feed.language,
    entries: feed.entries.map((entry) => ({
      title: entry.title,
      link: entry.link,
      date: entry.published,
      content: entry.description,
    })),
  };
}

const found = [];
for (const url of urls) {
  try {
    found.push(await READ[library](url));
  } catch (error) {
    found.push({ error: String(error).split("\n")[0].slice(0, 200) });
  }
}
console.log(JSON.stringify(found));
process.exit(0);
