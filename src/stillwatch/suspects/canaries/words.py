"""The words that answers are drawn from: one of each list, in this order.

The lists are as long as each other and share no word. They are part of the format: an answer that
was drawn from other lists has other odds, so a list is never changed, only followed by a new one.
"""

from __future__ import annotations

LISTS: tuple[tuple[str, ...], ...] = tuple(
    tuple(words.split())
    for words in (
        """
        ancient brittle careful clumsy crooked curious dapper drowsy eager faded fearless feeble
        fickle frosty frugal gentle giddy gloomy graceful grumpy hasty hollow humble idle jolly
        lanky lively lonely lucky mellow merry mighty modest muddy narrow nimble noisy patient
        playful polite proud puzzled quaint quiet restless rugged rusty shabby shy silent sleepy
        slender solemn spotless stubborn sturdy subtle tender thirsty timid tranquil weary witty
        zealous
        """,
        """
        amber azure bamboo basalt beige brass bronze canvas cedar chalk charcoal cobalt copper
        coral cotton crimson crystal denim ebony emerald flannel flint garnet glass granite hazel
        indigo iron ivory jade khaki lace lavender leather lilac linen magenta mahogany marble
        maroon mustard ochre olive onyx opal pearl pewter pine porcelain purple quartz rubber
        saffron sandstone sapphire scarlet silk slate teal timber turquoise velvet violet walnut
        """,
        """
        badger beaver bison bobcat buffalo camel cheetah cricket crow dolphin donkey eel egret elk
        falcon ferret finch fox gecko gibbon goat goose hamster hare hedgehog heron hornet ibex
        jackal jackdaw koala lemur leopard llama lobster lynx magpie marmot mole moose newt ocelot
        osprey otter owl panther parrot pelican penguin quail rabbit raccoon raven salmon seal
        sparrow squid stork swan tapir toad trout walrus weasel
        """,
        """
        anchor anvil balcony barrel basket bell bench bonnet bridge broom bucket button candle
        canoe chimney compass cradle curtain doorway drawer drum feather fiddle flagpole flute
        fountain funnel garden goblet hammer harp hatchet helmet kettle ladder lantern loom
        mirror mitten napkin necklace needle paddle pillow pitcher plough pulley quilt rudder
        saddle sandal scarf shovel sickle spindle staircase teapot telescope thimble trumpet
        umbrella wagon weathervane whistle
        """,
    )
)
