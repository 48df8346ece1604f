"""The carrier: depots, carriers, shipments with their items, and tracking events."""
