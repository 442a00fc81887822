"""From a Groovy tree to the model of a Declarative Pipeline, with everything Jenkins objects to on the way.

Jenkins looks at a file twice: while it builds its model, from top to bottom, and then once more at the finished model,
in an order of its own. A `Part` is what the first look found, and carries what the second has to say of it.
"""
