# Reads feeds with a library of Perl, and prints what it found as JSON: read_perl.pl LIBRARY URL...
# The fields are those of read_python.py.
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;

my ($library, @urls) = @ARGV;

sub with_xml_feed {
    my ($text) = @_;
    require XML::Feed;
    my $feed = XML::Feed->parse(\$text) or die XML::Feed->errstr;
    my @entries = map {
        my $date = $_->issued // $_->modified;
        $date = $date->clone->set_time_zone('UTC')->iso8601 . 'Z' if $date;
        {   title => scalar($_->title), link => scalar($_->link), date => $date,
            author => defined $_->author ? '' . $_->author : undef,
            categories => [$_->category], content => scalar($_->content->body) }
    } $feed->entries;
    return { language => $feed->language, entries => \@entries };
}

sub with_xml_feedpp {
    my ($text) = @_;
    require XML::FeedPP;
    my $feed = XML::FeedPP->new($text, -type => 'string', utf8_flag => 1);
    my @entries = map {
        my $author = eval { $_->author } // ($@ ? 'dies' : undef);
        my $categories = $_->category;
        {   title => scalar($_->title), link => scalar($_->link), date => scalar($_->pubDate),
            author => $author,
            categories => ref $categories ? $categories : [$categories // ()],
            content => scalar($_->description) }
    } $feed->get_item;
    return { language => $feed->language, entries => \@entries };
}

my @found;
for my $url (@urls) {
    my $text = HTTP::Tiny->new->get($url)->{content};
    my $result = eval { $library eq 'XML::Feed' ? with_xml_feed($text) : with_xml_feedpp($text) };
    push @found, $result // { error => substr((split /\n/, $@)[0], 0, 200) };
}
my $json = JSON::PP->new->utf8->allow_blessed->convert_blessed;
print $json->encode(\@found);
